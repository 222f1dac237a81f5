"""Who may do what: the table of the rules against the table that was agreed on."""

import pytest

from chatgraph.errors import Forbidden
from chatgraph.models import House, Rank
from chatgraph.operations.rights import RULES, Action, decide, require
from chatgraph.viewer import Viewer
from tests.operations.people import Person

# What who may do: n stands for no, y for yes, o for what they made themselves.
#                stranger  member  moderator  owner
TABLE = """
    CREATE_ROOM     y         y        y        y
    POST_TALK       y         y        y        y
    EDIT_TALK       n         o        o        o
    REMOVE_TALK     n         o        y        y
    UPDATE_ROOM     n         o        y        y
    ARCHIVE_ROOM    n         o        y        y
    DELETE_ROOM     n         n        n        y
    LEAVE_HOUSE     n         y        y        n
    UPDATE_HOUSE    n         n        n        y
    DELETE_HOUSE    n         n        n        y
"""
RANKS = (None, 10, 50, 100)
CELLS = [
    (Action[name], rank, allowed)
    for name, *row in map(str.split, TABLE.strip().splitlines())
    for rank, allowed in zip(RANKS, row, strict=True)
]


@pytest.mark.parametrize(("action", "rank", "allowed"), CELLS)
def test_the_rules_are_the_table(action: Action, rank: int | None, allowed: str) -> None:
    assert (decide(rank, action) is None) is (allowed == "y")
    assert (decide(rank, action, own=True) is None) is (allowed in "yo")


def test_the_table_is_complete() -> None:
    assert {action for action, _, _ in CELLS} == set(Action) == set(RULES)
    assert set(RANKS[1:]) == set(Rank)


@pytest.mark.parametrize("action", Action)
def test_a_rank_between_two_may_what_the_lower_one_may(action: Action) -> None:
    for own in (False, True):
        lower, higher = (decide(rank, action, own=own) for rank in (Rank.MEMBER, Rank.MEMBER + 1))
        assert (lower is None) is (higher is None)


@pytest.mark.parametrize(
    ("rank", "action", "reason"),
    [
        (None, Action.EDIT_TALK, "Only members may edit this talk: join the house first."),
        (10, Action.EDIT_TALK, "You may not edit this talk: only whoever made it may."),
        (10, Action.REMOVE_TALK, "You may not remove this talk: only a moderator or whoever made it may."),
        (50, Action.DELETE_ROOM, "You may not delete this room: only the owner may."),
        (100, Action.LEAVE_HOUSE, "The owner can't leave this house before it is handed over to somebody else."),
    ],
)  # fmt: skip
def test_a_refusal_says_who_may(rank: int | None, action: Action, reason: str) -> None:
    assert decide(rank, action) == reason


async def test_a_thing_is_ones_own_when_one_made_it(ada: Person, ben: Person, engine: House) -> None:
    house = engine._replace(viewer_rank=Rank.MEMBER)
    require(house, ben.viewer, Action.EDIT_TALK, ben.id)
    for creator_id in (ada.id, None):
        with pytest.raises(Forbidden):
            require(house, ben.viewer, Action.EDIT_TALK, creator_id)
    with pytest.raises(Forbidden):
        require(house, Viewer(), Action.EDIT_TALK, None)
