"""Who may do what: the one decision against the table that was agreed on."""

from datetime import UTC, datetime
from itertools import product

import pytest

from chatgraph.errors import Forbidden
from chatgraph.models import House, Member, Rank, Room, Standing, Talk, Visibility
from chatgraph.operations.rights import (
    Because,
    Thing,
    decide,
    refusal,
    require,
    rights_in_house,
    rights_in_room,
    rights_over_member,
    rights_over_talk,
)
from chatgraph.operations.rules import (
    ON_HOUSES,
    ON_MEMBERS,
    ON_ROOMS,
    ON_TALKS,
    RULES,
    SPEAKING,
    TALKING,
    Action,
)
from chatgraph.viewer import Viewer

PUBLIC, PRIVATE = Visibility.PUBLIC, Visibility.PRIVATE
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)

# What who may do: n stands for no, y for yes, o for what they made themselves, < for people of a lower rank.
TABLE = """
                         outsider  outsider
                         public    private   member  moderator  owner  banned  muted  deactivated
    READ                 y         n         y       y          y      n       y      n
    JOIN_HOUSE           y         n         n       n          n      n       n      n
    LEAVE_HOUSE          n         n         y       y          n      n       y      n
    SEE_PRESENCE         n         n         y       y          y      n       y      n
    CREATE_ROOM          y         n         y       y          y      n       n      n
    INVITE               n         n         n       y          y      n       n      n
    DECIDE_JOIN_REQUESTS n         n         n       y          y      n       n      n
    MUTE_MEMBER          n         n         n       <          <      n       n      n
    REMOVE_MEMBER        n         n         n       <          <      n       n      n
    BAN_USER             n         n         n       <          <      n       n      n
    READ_AUDIT_LOG       n         n         n       y          y      n       n      n
    EXPLAIN_RIGHTS       n         n         n       y          y      n       n      n
    SET_ROLE             n         n         n       n          <      n       n      n
    TRANSFER_HOUSE       n         n         n       n          <      n       n      n
    UPDATE_HOUSE         n         n         n       n          y      n       n      n
    DELETE_HOUSE         n         n         n       n          y      n       n      n
    POST_TALK            y         n         y       y          y      n       n      n
    UPDATE_ROOM          n         n         o       y          y      n       n      n
    ARCHIVE_ROOM         n         n         o       y          y      n       o      n
    LOCK_ROOM            n         n         n       y          y      n       n      n
    DELETE_ROOM          n         n         n       n          y      n       n      n
    EDIT_TALK            n         n         o       o          o      n       n      n
    REMOVE_TALK          n         n         o       y          y      n       o      n
"""
COLUMNS = {
    "outsider of a public house": (PUBLIC, Standing()),
    "outsider of a private house": (PRIVATE, Standing()),
    "member": (PRIVATE, Standing(Rank.MEMBER)),
    "moderator": (PRIVATE, Standing(Rank.MODERATOR)),
    "owner": (PRIVATE, Standing(Rank.OWNER)),
    "banned": (PUBLIC, Standing(banned=True)),
    "muted": (PRIVATE, Standing(Rank.MEMBER, mute_end=NOW)),
    "deactivated": (PUBLIC, Standing(Rank.OWNER, active=False)),
}
ROWS = {Action[name]: cells for name, *cells in map(str.split, TABLE.strip().splitlines()[2:])}
CELLS = {
    (action, column): cell
    for action, cells in ROWS.items()
    for column, cell in zip(COLUMNS, cells, strict=True)
}
RANKS = (None, *Rank)


def allows(cell: str, standing: Standing, *, own: bool = False, rank: int | None = None) -> bool:
    """Tell what a cell of the table says of a thing."""
    lower = rank is None or rank < (standing.rank or 0)
    return {"y": True, "n": False, "o": own, "<": lower}[cell]


@pytest.mark.parametrize(("action", "column"), CELLS)
def test_the_decision_is_the_table(action: Action, column: str) -> None:
    visibility, standing = COLUMNS[column]
    for own, rank in product((False, True), RANKS):
        allowed = decide(standing, action, Thing(visibility, own, rank)).allowed
        assert allowed is allows(CELLS[action, column], standing, own=own, rank=rank), (own, rank)


def test_every_action_has_a_row_and_a_rule() -> None:
    assert set(ROWS) == set(RULES) == set(Action)
    assert {*ON_HOUSES, *ON_ROOMS, *ON_TALKS} == set(Action)
    assert set(ON_MEMBERS) == {action for action, rule in RULES.items() if rule.to_lower}
    assert set(ON_MEMBERS) <= set(ON_HOUSES)


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("rank", Rank)
def test_whoever_is_banned_or_deactivated_may_do_nothing_whatever_their_rank(
    action: Action, rank: Rank
) -> None:
    for visibility, own, ban_end in product(Visibility, (False, True), (None, NOW)):
        banned = decide(Standing(rank, True, ban_end), action, Thing(visibility, own))
        assert (banned.allowed, banned.because) == (False, Because.BAN)
        shut_out = decide(Standing(rank, True, ban_end, NOW, False), action, Thing(visibility, own))
        assert (shut_out.allowed, shut_out.because) == (False, Because.DEACTIVATION)


@pytest.mark.parametrize("action", ON_MEMBERS)
def test_nobody_acts_on_an_equal_or_higher_rank(action: Action) -> None:
    for actor, subject in product(range(5, 111, 5), repeat=2):
        decision = decide(Standing(actor), action, Thing(rank=subject))
        assert not (decision.allowed and subject >= actor)


@pytest.mark.parametrize("action", [action for action in Action if action is not Action.LEAVE_HOUSE])
def test_a_rank_between_two_may_what_the_lower_one_may(action: Action) -> None:
    for lower, own in product((Rank.MEMBER, Rank.MODERATOR), (False, True)):
        decisions = [
            decide(Standing(rank), action, Thing(own=own)) for rank in (lower, lower + 1, lower + 39)
        ]
        assert len({decision.allowed for decision in decisions}) == 1


def test_a_moderator_who_is_muted_is_silent_and_keeps_order() -> None:
    for action in Action:
        spoken = action in {Action.POST_TALK, Action.EDIT_TALK, Action.CREATE_ROOM, Action.UPDATE_ROOM}
        cell = "n" if spoken else CELLS[action, "moderator"]
        muted = Standing(Rank.MODERATOR, mute_end=NOW)
        assert decide(muted, action, Thing(own=True)).allowed is allows(cell, muted, own=True)


@pytest.mark.parametrize("action", [Action.POST_TALK, Action.EDIT_TALK])
def test_nobody_speaks_in_an_archived_room_and_only_moderators_in_a_locked_one(action: Action) -> None:
    for rank in RANKS if action is Action.POST_TALK else Rank:
        archived = decide(Standing(rank), action, Thing(own=True, archived=True, locked=True))
        locked = decide(Standing(rank), action, Thing(own=True, locked=True))
        assert (archived.allowed, archived.because) == (False, Because.ARCHIVE)
        assert locked.allowed is (rank is not None and rank >= Rank.MODERATOR)
        assert locked.allowed or locked.because is Because.LOCK


@pytest.mark.parametrize("action", [action for action in Action if action not in TALKING])
def test_a_room_that_is_archived_or_locked_is_kept_in_order_like_any_other(action: Action) -> None:
    for visibility, standing in COLUMNS.values():
        for own, archived, locked in product((False, True), repeat=3):
            thing = Thing(visibility, own, None, archived, locked)
            assert decide(standing, action, thing) == decide(standing, action, Thing(visibility, own))


SENTENCES = [
    (Standing(), Action.EDIT_TALK, Thing(), Because.ROLE,
     "You may not edit this talk: only members may."),
    (Standing(), Action.BAN_USER, Thing(), Because.ROLE,
     "You may not ban somebody from this house: only moderators and the owner may."),
    (Standing(), Action.READ, Thing(PRIVATE), Because.VISIBILITY,
     "You may not look into this house: the house is private: only members see it."),
    (Standing(10), Action.EDIT_TALK, Thing(), Because.ROLE,
     "You may not edit this talk: only whoever made it may."),
    (Standing(10), Action.REMOVE_TALK, Thing(), Because.ROLE,
     "You may not remove this talk: only moderators and the owner or whoever made it may."),
    (Standing(10), Action.JOIN_HOUSE, Thing(), Because.ROLE,
     "You may not join this house: only people who aren't members yet may."),
    (Standing(50), Action.DELETE_ROOM, Thing(own=True), Because.ROLE,
     "You may not delete this room: only the owner may."),
    (Standing(100), Action.LEAVE_HOUSE, Thing(), Because.ROLE,
     "You may not leave this house: the owner must transfer it first."),
    (Standing(50), Action.MUTE_MEMBER, Thing(rank=50), Because.SUBJECT_ROLE,
     "You may not mute somebody: their role isn't lower than yours."),
    (Standing(banned=True), Action.JOIN_HOUSE, Thing(), Because.BAN,
     "You may not join this house: a ban from this house is in force."),
    (Standing(None, True, NOW), Action.READ, Thing(), Because.BAN,
     "You may not look into this house: a ban from this house is in force until 2026-01-31 12:00 UTC."),
    (Standing(10, mute_end=NOW), Action.POST_TALK, Thing(), Because.MUTE,
     "You may not post a talk: a mute is in force until 2026-01-31 12:00 UTC."),
    (Standing(10), Action.POST_TALK, Thing(locked=True), Because.LOCK,
     "You may not post a talk: the room is locked: only moderators speak in it."),
    (Standing(100), Action.POST_TALK, Thing(archived=True), Because.ARCHIVE,
     "You may not post a talk: the room is archived: nothing is said in it any more."),
    (Standing(100, active=False), Action.READ, Thing(), Because.DEACTIVATION,
     "You may not look into this house: the account is deactivated."),
]  # fmt: skip


@pytest.mark.parametrize(("standing", "action", "thing", "because", "sentence"), SENTENCES)
def test_a_refusal_says_why_and_who_may(
    standing: Standing, action: Action, thing: Thing, because: Because, sentence: str
) -> None:
    decision = decide(standing, action, thing)
    assert (decision.allowed, decision.because) == (False, because)
    assert refusal(action, decision).message == sentence


@pytest.mark.parametrize(
    ("standing", "thing", "because"),
    [
        (Standing(), Thing(), Because.VISIBILITY), (Standing(10), Thing(own=True), Because.CREATOR),
        (Standing(50), Thing(own=True), Because.CREATOR), (Standing(50), Thing(), Because.ROLE),
    ],
)  # fmt: skip
def test_a_permission_says_why(standing: Standing, thing: Thing, because: Because) -> None:
    action = Action.READ if standing.rank is None else Action.REMOVE_TALK
    assert decide(standing, action, thing)[:2] == (True, because)


# The nouns that ask for a decision: a house, and in it what Ada (1) made and what somebody else (2) did.
ADA = Viewer(1)


def house(visibility: Visibility, standing: Standing) -> House:
    return House(1, "Engine", "", visibility, NOW, 2, 9, False, standing)


def room(creator_id: int, *, archived: bool = False, locked: bool = False) -> Room:
    return Room(1, 1, "Hall", "", creator_id, NOW, NOW if archived else None, NOW if locked else None, 1)


def talk(creator_id: int, *, removed: bool = False) -> Talk:
    return Talk(1, 1, 1, None if removed else "Hello", creator_id, NOW, None, NOW if removed else None)


@pytest.mark.parametrize("column", COLUMNS)
def test_the_rights_that_are_listed_are_those_of_the_table(column: str) -> None:
    visibility, standing = COLUMNS[column]
    here = house(visibility, standing)
    assert rights_in_house(here, ADA) == [
        action for action in ON_HOUSES if allows(CELLS[action, column], standing)
    ]
    for creator_id in (1, 2):
        own = creator_id == ADA.user_id
        assert rights_in_room(here, ADA, room(creator_id)) == [
            action for action in ON_ROOMS if allows(CELLS[action, column], standing, own=own)
        ]
        assert rights_over_talk(here, ADA, room(2), talk(creator_id)) == [
            action for action in ON_TALKS if allows(CELLS[action, column], standing, own=own)
        ]
        assert rights_over_talk(here, ADA, room(2), talk(creator_id, removed=True)) == []
    for rank in Rank:
        assert rights_over_member(here, ADA, Member(1, 1, 2, rank, NOW, None)) == [
            action for action in ON_MEMBERS if allows(CELLS[action, column], standing, rank=rank)
        ]


def test_the_rights_that_are_listed_heed_the_room() -> None:
    member, moderator = house(PUBLIC, Standing(Rank.MEMBER)), house(PUBLIC, Standing(Rank.MODERATOR))
    for here, closed, speaks in [
        (member, room(2, archived=True), False), (moderator, room(2, archived=True), False),
        (member, room(2, locked=True), False), (moderator, room(2, locked=True), True),
    ]:  # fmt: skip
        assert (Action.POST_TALK in rights_in_room(here, ADA, closed)) is speaks
        assert (Action.EDIT_TALK in rights_over_talk(here, ADA, closed, talk(1))) is speaks
        assert Action.REMOVE_TALK in rights_over_talk(here, ADA, closed, talk(1))


def test_a_thing_is_ones_own_when_one_made_it() -> None:
    member = house(PUBLIC, Standing(Rank.MEMBER))
    assert require(member, ADA, Action.EDIT_TALK, creator_id=1).because is Because.CREATOR
    for viewer, creator_id in [(ADA, 2), (ADA, None), (Viewer(), None)]:
        with pytest.raises(Forbidden, match="only whoever made it may"):
            require(member, viewer, Action.EDIT_TALK, creator_id=creator_id)


def test_what_who_is_muted_may_not_do_is_what_puts_words_before_others() -> None:
    assert {action for action in Action if CELLS[action, "muted"] != CELLS[action, "member"]} == SPEAKING
    assert TALKING <= SPEAKING
