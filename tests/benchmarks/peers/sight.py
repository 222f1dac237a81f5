"""Who asks a peer, and whether they see a room: what chatgraph checks of each request, written by hand."""

import os
import sqlite3
import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

import jwt
from starlette.exceptions import HTTPException

KEY = os.environ.get("CHATGRAPH_SECRET_KEY", "")
# The session and the room by their ids, and what the user is in the room's house.
SIGHT = """
SELECT houses.id, houses.visibility, members.rank, bans.id, mutes.user_id, rooms.archive_time, rooms.lock_time
FROM sessions
LEFT JOIN rooms ON rooms.id = :room AND rooms.delete_time IS NULL
LEFT JOIN houses ON houses.id = rooms.house_id AND houses.delete_time IS NULL
LEFT JOIN members ON members.house_id = houses.id AND members.user_id = sessions.user_id
LEFT JOIN bans ON bans.house_id = houses.id AND bans.user_id = sessions.user_id
    AND (bans.end_time IS NULL OR bans.end_time > :now)
LEFT JOIN mutes ON mutes.house_id = houses.id AND mutes.user_id = sessions.user_id AND mutes.end_time > :now
WHERE sessions.id = :session AND sessions.user_id = :user
    AND sessions.end_time IS NULL AND sessions.expire_time > :now
"""


class Bearer(NamedTuple):
    """What a token says."""

    user_id: int
    session_id: int
    expires: int


class Sight(NamedTuple):
    """A room that somebody sees: its house, and what they are there."""

    house_id: int
    visibility: str
    rank: int | None
    ban_id: int | None
    mute: int | None
    archive_time: str | None
    lock_time: str | None


def read_token(authorization: str | None) -> Bearer:
    """Give what a valid token says. Its signature is checked once, its time always. Raises `HTTPException`."""
    scheme, _, token = (authorization or "").partition(" ")
    try:
        bearer = _verify(token)
    except jwt.PyJWTError:
        raise HTTPException(401) from None
    if scheme.lower() != "bearer" or bearer.expires <= time.time():
        raise HTTPException(401)
    return bearer


def see_room(db: sqlite3.Connection, bearer: Bearer, room_id: int) -> Sight:
    """Give what somebody sees whose session goes on. Raises `HTTPException` (401, 403, 404)."""
    given = {"room": room_id, "user": bearer.user_id, "session": bearer.session_id, "now": write_time()}
    row = db.execute(SIGHT, given).fetchone()
    if row is None:
        raise HTTPException(401)
    sight = Sight._make(row)
    if sight.visibility is None or (sight.visibility != "public" and sight.rank is None):
        raise HTTPException(404)
    if sight.ban_id is not None:
        raise HTTPException(403)
    return sight


def write_time() -> str:
    """Write the present moment as the database keeps it."""
    return datetime.now(UTC).isoformat(" ", "microseconds")[:26]


@lru_cache(maxsize=4096)
def _verify(token: str) -> Bearer:
    options = {"require": ["exp", "sub", "sid"], "verify_exp": False}
    claims = jwt.decode(
        token, KEY, algorithms=["HS256"], issuer="chatgraph", audience="chatgraph", options=options  # type: ignore[arg-type]
    )  # fmt: skip
    return Bearer(int(claims["sub"]), int(claims["sid"]), claims["exp"])
