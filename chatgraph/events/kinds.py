"""The kinds of things that happen in a house. The number is what the journal keeps; it never changes its meaning."""

from enum import IntEnum
from typing import NamedTuple


class Kind(IntEnum):
    """What happened. The subject of a talk's event is the talk, of a room's the room, of a member's the user."""

    HOUSE_UPDATED = 1
    HOUSE_DELETED = 2
    MEMBER_JOINED = 10
    MEMBER_LEFT = 11
    MEMBER_CHANGED = 12
    USER_BANNED = 13
    USER_UNBANNED = 14
    ROOM_CREATED = 20
    ROOM_UPDATED = 21
    ROOM_ARCHIVED = 22
    ROOM_DELETED = 23
    TALK_POSTED = 30
    TALK_EDITED = 31
    TALK_REMOVED = 32


class Event(NamedTuple):
    """One thing that happened: its *kind*, where, and the id of what it happened to."""

    kind: Kind
    house_id: int
    subject_id: int
    room_id: int | None = None
