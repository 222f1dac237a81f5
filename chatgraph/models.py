"""
The nouns: what operations take and give.

A noun is an immutable row of plain values and knows nothing of where it is kept; its tables are in `chatgraph.store`.
Times are aware and in UTC. A noun that is seen by somebody carries what that depends on (`House.viewer_rank`).
"""

from datetime import datetime
from enum import Enum, IntEnum
from typing import Generic, NamedTuple, TypeVar


class Visibility(Enum):
    """Who can see a house: everybody who is signed in, or its members."""

    PUBLIC = "public"
    PRIVATE = "private"


class Rank(IntEnum):
    """A member's standing in a house. Numbers, so that more can stand between; nobody acts on an equal or higher one."""

    MEMBER = 10
    MODERATOR = 50
    OWNER = 100


class User(NamedTuple):
    """A person. *username* is unique in its PRECIS form; *display_name* is what they like to be called."""

    id: int
    username: str
    display_name: str
    create_time: datetime


class Account(NamedTuple):
    """What only the accounts operations see of a user."""

    user: User
    password_hash: str


class Session(NamedTuple):
    """One signed-in device, from login until logout, expiry or revocation: the family of its refresh tokens."""

    id: int
    user_id: int
    agent: str
    create_time: datetime
    use_time: datetime
    expire_time: datetime


class House(NamedTuple):
    """A community. *journal_seq* is the position of its journal; *viewer_rank* is None for who isn't a member."""

    id: int
    name: str
    description: str
    visibility: Visibility
    create_time: datetime
    member_count: int
    journal_seq: int
    viewer_rank: int | None


class Member(NamedTuple):
    """A user in a house."""

    id: int
    house_id: int
    user_id: int
    rank: int
    join_time: datetime


class Room(NamedTuple):
    """A conversation in a house. *last_seq* is the seq of its newest talk, 0 while it has none."""

    id: int
    house_id: int
    title: str
    topic: str
    creator_id: int
    create_time: datetime
    archive_time: datetime | None
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


class Window(NamedTuple):
    """
    Which part of a list is wanted, by key.

    The *size* items that follow *after* and precede *before* (keys, exclusive): the first of them, or when
    *backwards* the last of them, always in the list's own order.
    """

    size: int
    after: int | None = None
    before: int | None = None
    backwards: bool = False


Noun = TypeVar("Noun")


class Page(NamedTuple, Generic[Noun]):
    """A window's items in the list's order, and whether the list goes on before and after them."""

    items: list[Noun]
    has_previous: bool
    has_next: bool
