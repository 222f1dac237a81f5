"""Houses and what is in them, with what somebody is there: their standing."""

from datetime import datetime
from enum import Enum, IntEnum
from typing import Generic, NamedTuple, TypeVar

Noun = TypeVar("Noun")


class Visibility(Enum):
    """Who can see a house: everybody who is signed in, or its members."""

    PUBLIC = "public"
    PRIVATE = "private"


class Rank(IntEnum):
    """A member's standing in a house. Numbers, so that more can stand between; nobody acts on an equal or higher one."""

    MEMBER = 10
    MODERATOR = 50
    OWNER = 100


class Look(NamedTuple):
    """Who looks, and when: bans and mutes end by themselves, so what somebody sees depends on both."""

    user_id: int
    now: datetime


class Standing(NamedTuple):
    """
    What somebody is in a house at one moment.

    *rank* is None for who isn't a member. *ban_end* is None also for a ban without an end; *mute_end* is None for
    who isn't muted. Nobody who is not *active* may do anything.
    """

    rank: int | None = None
    banned: bool = False
    ban_end: datetime | None = None
    mute_end: datetime | None = None
    active: bool = True


class House(NamedTuple):
    """A community. *journal_seq* is the position of its journal; *standing* is what the viewer is in it."""

    id: int
    name: str
    description: str
    visibility: Visibility
    create_time: datetime
    member_count: int
    journal_seq: int
    accepts_join_requests: bool
    standing: Standing


class Membership(NamedTuple):
    """That a user belongs to a house, whether they do or not."""

    house_id: int
    user_id: int


class Member(NamedTuple):
    """A user in a house. *mute_end* is None for who may speak."""

    id: int
    house_id: int
    user_id: int
    rank: int
    join_time: datetime
    mute_end: datetime | None


class Room(NamedTuple):
    """
    A conversation in a house.

    In one that is archived nobody speaks, in one that is locked only moderators do. *last_seq* is the seq of its
    newest talk, 0 while it has none.
    """

    id: int
    house_id: int
    title: str
    topic: str
    creator_id: int
    create_time: datetime
    archive_time: datetime | None
    lock_time: datetime | None
    last_seq: int


class Talk(NamedTuple):
    """A message. *seq* counts 1, 2, 3… in its room without holes; *content* is None once it was removed."""

    id: int
    room_id: int
    seq: int
    content: str | None
    creator_id: int
    create_time: datetime
    edit_time: datetime | None
    remove_time: datetime | None


class Seen(NamedTuple, Generic[Noun]):
    """
    A thing in a house that the viewer knows of, and their standing in it.

    *journal_seq* is the position of the house's journal at that moment, where it was asked for: any change in the
    house raises it.
    """

    noun: Noun
    standing: Standing
    journal_seq: int | None = None
