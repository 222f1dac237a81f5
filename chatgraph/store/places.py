"""Places: what a change is made at. Whoever writes at one place at the same moment takes turns."""

from enum import Enum
from typing import Any, NamedTuple


class At(Enum):
    """What a place is found by."""

    HOUSE = "house"
    ROOM = "room"
    TALK = "talk"
    INVITE = "invite"
    JOIN_REQUEST = "join request"
    INVITE_DIGEST = "invite digest"
    USER = "user"
    USERNAME = "username"
    TOKEN_DIGEST = "refresh token's digest"  # noqa: S105 -- no secret
    CLEANUP = "cleanup"


class Place(NamedTuple):
    """
    A house, found by what is in it, or a user's account, and who else's account has to stay as it is meanwhile.

    Changes made *abreast* there may be mixed with each other, step by step: whichever came first, all are right.
    Ids name rows that never move to another house: once found, a house stays found.
    """

    at: At
    key: Any
    by_user: int | None = None
    abreast: bool = False
