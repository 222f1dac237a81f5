"""People, and how they are signed in."""

from datetime import datetime
from enum import Enum
from typing import NamedTuple


class Registration(Enum):
    """Who may make an account: everybody, who was invited to a house, or the operator alone."""

    OPEN = "open"
    INVITE = "invite"
    CLOSED = "closed"


class User(NamedTuple):
    """A person. *username* is unique in its PRECIS form; *display_name* is what they like to be called."""

    id: int
    username: str
    display_name: str
    create_time: datetime
    deactivate_time: datetime | None
    hides_presence: bool


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
