"""THE TABLE of rights: what can be done in a house, and from which rank on."""

from enum import Enum
from typing import NamedTuple

from chatgraph.models import Rank


class Action(Enum):
    """Something that a right is needed for, beyond knowing that it is there."""

    READ = "look into this house"
    JOIN_HOUSE = "join this house"
    LEAVE_HOUSE = "leave this house"
    SEE_PRESENCE = "see who is there"
    CREATE_ROOM = "create a room"
    INVITE = "invite people to this house"
    DECIDE_JOIN_REQUESTS = "decide on join requests"
    MUTE_MEMBER = "mute somebody"
    REMOVE_MEMBER = "remove somebody from this house"
    BAN_USER = "ban somebody from this house"
    READ_AUDIT_LOG = "read the audit log"
    EXPLAIN_RIGHTS = "ask what others may do"
    SET_ROLE = "set somebody's role"
    TRANSFER_HOUSE = "transfer this house"
    UPDATE_HOUSE = "update this house"
    DELETE_HOUSE = "delete this house"
    POST_TALK = "post a talk"
    UPDATE_ROOM = "update this room"
    ARCHIVE_ROOM = "archive this room"
    LOCK_ROOM = "lock this room"
    DELETE_ROOM = "delete this room"
    EDIT_TALK = "edit this talk"
    REMOVE_TALK = "remove this talk"

    # Each is one object; `Enum` would hash its name, in Python, several times a decision.
    __hash__ = object.__hash__


class Rule(NamedTuple):
    """
    Whoever has at least *rank* may. Whoever made the thing may from rank *own* on. Who isn't a member may where
    *outsiders* do, in the public houses that they see. *most* bars the ranks above it. What is done *to_lower* is
    done to people of a lower rank alone.
    """

    rank: Rank | None
    own: Rank | None = None
    outsiders: bool = False
    most: Rank = Rank.OWNER
    to_lower: bool = False


RULES = {
    Action.READ: Rule(Rank.MEMBER, outsiders=True),
    Action.JOIN_HOUSE: Rule(None, outsiders=True),
    Action.LEAVE_HOUSE: Rule(Rank.MEMBER, most=Rank.MODERATOR),
    Action.SEE_PRESENCE: Rule(Rank.MEMBER),
    Action.CREATE_ROOM: Rule(Rank.MEMBER, outsiders=True),
    Action.INVITE: Rule(Rank.MODERATOR),
    Action.DECIDE_JOIN_REQUESTS: Rule(Rank.MODERATOR),
    Action.MUTE_MEMBER: Rule(Rank.MODERATOR, to_lower=True),
    Action.REMOVE_MEMBER: Rule(Rank.MODERATOR, to_lower=True),
    Action.BAN_USER: Rule(Rank.MODERATOR, to_lower=True),
    Action.READ_AUDIT_LOG: Rule(Rank.MODERATOR),
    Action.EXPLAIN_RIGHTS: Rule(Rank.MODERATOR),
    Action.SET_ROLE: Rule(Rank.OWNER, to_lower=True),
    Action.TRANSFER_HOUSE: Rule(Rank.OWNER, to_lower=True),
    Action.UPDATE_HOUSE: Rule(Rank.OWNER),
    Action.DELETE_HOUSE: Rule(Rank.OWNER),
    Action.POST_TALK: Rule(Rank.MEMBER, outsiders=True),
    Action.UPDATE_ROOM: Rule(Rank.MODERATOR, own=Rank.MEMBER),
    Action.ARCHIVE_ROOM: Rule(Rank.MODERATOR, own=Rank.MEMBER),
    Action.LOCK_ROOM: Rule(Rank.MODERATOR),
    Action.DELETE_ROOM: Rule(Rank.OWNER),
    Action.EDIT_TALK: Rule(None, own=Rank.MEMBER),
    Action.REMOVE_TALK: Rule(Rank.MODERATOR, own=Rank.MEMBER),
}

# What puts new words before others, which who is muted may not; and what of it happens in a room that is open.
SPEAKING = {Action.CREATE_ROOM, Action.UPDATE_ROOM, Action.POST_TALK, Action.EDIT_TALK}
TALKING = {Action.POST_TALK, Action.EDIT_TALK}

WHO = {Rank.MEMBER: "members", Rank.MODERATOR: "moderators and the owner", Rank.OWNER: "the owner"}

# What may be done to each noun.
ON_HOUSES = tuple(Action)[: tuple(Action).index(Action.POST_TALK)]
ON_MEMBERS = (
    Action.MUTE_MEMBER,
    Action.REMOVE_MEMBER,
    Action.BAN_USER,
    Action.SET_ROLE,
    Action.TRANSFER_HOUSE,
)
ON_ROOMS = (Action.POST_TALK, Action.UPDATE_ROOM, Action.ARCHIVE_ROOM, Action.LOCK_ROOM, Action.DELETE_ROOM)
ON_TALKS = (Action.EDIT_TALK, Action.REMOVE_TALK)
