"""Who may do what: one table, and the one pure function that decides by it."""

from enum import Enum
from typing import NamedTuple

from chatgraph.errors import Forbidden
from chatgraph.models import House, Rank
from chatgraph.viewer import Viewer


class Action(Enum):
    """Something that a right is needed for, beyond seeing it."""

    CREATE_ROOM = "create a room"
    POST_TALK = "post a talk"
    EDIT_TALK = "edit this talk"
    REMOVE_TALK = "remove this talk"
    UPDATE_ROOM = "update this room"
    ARCHIVE_ROOM = "archive this room"
    DELETE_ROOM = "delete this room"
    LEAVE_HOUSE = "leave this house"
    UPDATE_HOUSE = "update this house"
    DELETE_HOUSE = "delete this house"


class Rule(NamedTuple):
    """
    Whoever has at least *rank* may. Whoever made the thing may from rank *own* on. Where *speaking_joins*, so may
    those who see the public house and aren't members; doing it makes them one. *most* bars the ranks above it.
    """

    rank: Rank | None
    own: Rank | None = None
    speaking_joins: bool = False
    most: Rank = Rank.OWNER


RULES = {
    Action.CREATE_ROOM: Rule(Rank.MEMBER, speaking_joins=True),
    Action.POST_TALK: Rule(Rank.MEMBER, speaking_joins=True),
    Action.EDIT_TALK: Rule(None, own=Rank.MEMBER),
    Action.REMOVE_TALK: Rule(Rank.MODERATOR, own=Rank.MEMBER),
    Action.UPDATE_ROOM: Rule(Rank.MODERATOR, own=Rank.MEMBER),
    Action.ARCHIVE_ROOM: Rule(Rank.MODERATOR, own=Rank.MEMBER),
    Action.DELETE_ROOM: Rule(Rank.OWNER),
    Action.LEAVE_HOUSE: Rule(Rank.MEMBER, most=Rank.MODERATOR),
    Action.UPDATE_HOUSE: Rule(Rank.OWNER),
    Action.DELETE_HOUSE: Rule(Rank.OWNER),
}

WHO = {Rank.MEMBER: "a member", Rank.MODERATOR: "a moderator", Rank.OWNER: "the owner"}


def decide(rank: int | None, action: Action, *, own: bool = False) -> str | None:
    """
    Decide whether somebody of *rank* (None: no member) in a house that they see may do *action*.

    *own* says that they made the thing it is done to. Gives None for yes, else the reason in a sentence.
    """
    rule = RULES[action]
    if rank is None:
        return None if rule.speaking_joins else f"Only members may {action.value}: join the house first."
    if rank > rule.most:
        return f"The owner can't {action.value} before it is handed over to somebody else."
    if rule.rank is not None and rank >= rule.rank:
        return None
    if own and rule.own is not None and rank >= rule.own:
        return None
    allowed = [WHO[rule.rank]] if rule.rank is not None else []
    allowed += ["whoever made it"] if rule.own is not None else []
    return f"You may not {action.value}: only {' or '.join(allowed)} may."


def require(house: House, viewer: Viewer, action: Action, creator_id: int | None = None) -> None:
    """Raises `Forbidden` with the reason when the viewer may not do *action* in *house*, to what *creator_id* made."""
    own = creator_id is not None and creator_id == viewer.user_id
    if refusal := decide(house.viewer_rank, action, own=own):
        raise Forbidden(refusal)
