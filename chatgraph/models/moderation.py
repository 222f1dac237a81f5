"""What keeps a house in order, and what was done for that."""

from datetime import datetime
from enum import Enum, IntEnum
from typing import NamedTuple


class Ban(NamedTuple):
    """That a user may not come into a house, until *end_time* or, without one, for ever. *creator_id* banned them."""

    id: int
    house_id: int
    user_id: int
    creator_id: int
    reason: str
    create_time: datetime
    end_time: datetime | None


class Invite(NamedTuple):
    """A way into a house for who has its code, *most_uses* times (None: as often as one likes) until it expires."""

    id: int
    house_id: int
    creator_id: int
    create_time: datetime
    expire_time: datetime
    most_uses: int | None
    uses: int
    revoke_time: datetime | None


class RequestState(Enum):
    """What became of a join request."""

    PENDING = "pending"
    APPROVED = "approved"
    DECLINED = "declined"


class JoinRequest(NamedTuple):
    """That a user wants to be let into a private house."""

    id: int
    house_id: int
    user_id: int
    message: str
    state: RequestState
    create_time: datetime
    decide_time: datetime | None


class Act(IntEnum):
    """What was done by rank. The number is what the audit log keeps; it never changes its meaning."""

    HOUSE_UPDATED = 1
    HOUSE_TRANSFERRED = 2
    HOUSE_FOUNDED = 3
    ROLE_SET = 10
    MEMBER_REMOVED = 11
    MEMBER_MUTED = 12
    MEMBER_UNMUTED = 13
    USER_BANNED = 14
    USER_UNBANNED = 15
    JOIN_REQUEST_APPROVED = 16
    JOIN_REQUEST_DECLINED = 17
    INVITE_CREATED = 20
    INVITE_REVOKED = 21
    ROOM_UPDATED = 30
    ROOM_ARCHIVED = 31
    ROOM_REOPENED = 32
    ROOM_LOCKED = 33
    ROOM_UNLOCKED = 34
    ROOM_DELETED = 35
    TALK_REMOVED = 40
    USER_DEACTIVATED = 50
    USER_REACTIVATED = 51
    PASSWORD_RESET = 52
    USER_CREATED = 53


class AuditEntry(NamedTuple):
    """
    That somebody did something by their rank, or the operator (*actor_id* None), in a house or to the whole site.

    *subject_id* is the id of the user, room, talk, invite or house it was done to, as the *act* says.
    """

    id: int
    house_id: int | None
    act: Act
    actor_id: int | None
    subject_id: int
    detail: str
    reason: str
    time: datetime
