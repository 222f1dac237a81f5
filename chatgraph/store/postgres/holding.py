"""
Holding: what a change needs to have for itself, among all servers, until it is committed.

A hold is an advisory lock of the transaction. Those of a batch are taken at its beginning, in one order, so that
nobody waits in a circle; what is read after them, whoever wrote it has committed.
"""

from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select

from chatgraph.store.connections import Connection
from chatgraph.store.places import At, Place
from chatgraph.store.prepared import Prepared
from chatgraph.store.rows import one
from chatgraph.store.tables import invites, join_requests, refresh_tokens, rooms, sessions, talks, users

HOUSES, USERS, OTHERS = 1 << 60, 2 << 60, 3 << 60
MOST_ID = (1 << 60) - 1  # no row will ever have a larger one
CLEANUP, MIGRATION, MOVE = OTHERS, OTHERS + 1, OTHERS + 2
MOST_REMEMBERED = 100_000


class Hold(NamedTuple):
    """One lock; *shared*, it can be held by many, as long as nobody holds it alone."""

    key: int
    shared: bool = False


FINDING = {
    At.ROOM: Prepared(select(rooms.c.house_id).where(rooms.c.id == one("key"))),
    At.TALK: Prepared(select(rooms.c.house_id).join(talks).where(talks.c.id == one("key"))),
    At.INVITE: Prepared(select(invites.c.house_id).where(invites.c.id == one("key"))),
    At.INVITE_DIGEST: Prepared(select(invites.c.house_id).where(invites.c.digest == bindparam("key"))),
    At.JOIN_REQUEST: Prepared(select(join_requests.c.house_id).where(join_requests.c.id == one("key"))),
    At.USERNAME: Prepared(select(users.c.id).where(users.c.username == bindparam("key"))),
    At.TOKEN_DIGEST: Prepared(
        select(sessions.c.user_id).join(refresh_tokens).where(refresh_tokens.c.digest == bindparam("key"))
    ),
}
OF_USERS = {At.USER, At.USERNAME, At.TOKEN_DIGEST}


class Holding:
    """Tells what a place's changes hold; which house a room is in is asked once."""

    def __init__(self, reading: Callable[[], AbstractAsyncContextManager[Connection]]) -> None:
        self._reading = reading
        self._houses: dict[Any, int] = {}

    async def find(self, place: Place | None) -> list[Hold]:
        """
        Give what a change at a place holds: its house or its account alone, and who does it as they are.

        Nothing, where nobody else can be in the way, or nothing is there. Raises `Unavailable`.
        """
        if place is None:
            return []
        holds = []
        if place.at is At.CLEANUP:
            holds.append(Hold(CLEANUP))
        elif (key := await self._key(place)) is not None and key <= MOST_ID:
            holds.append(Hold((USERS if place.at in OF_USERS else HOUSES) + key))
        if place.by_user is not None:
            holds.append(Hold(USERS + place.by_user, shared=True))
        return holds

    async def _key(self, place: Place) -> int | None:
        if place.at in (At.HOUSE, At.USER):
            return place.key
        if place.at is At.ROOM and place.key in self._houses:
            return self._houses[place.key]
        async with self._reading() as db:
            rows = await db.fetch(FINDING[place.at], {"key": place.key})
        key = rows[0][0] if rows else None
        if place.at is At.ROOM and key is not None:
            if len(self._houses) >= MOST_REMEMBERED:
                self._houses.clear()
            self._houses[place.key] = key
        return key


def take_all(holds: Iterable[Hold]) -> str:
    """Write the statement that takes holds, each once, in the order in which everybody takes them."""
    wanted: dict[int, bool] = {}
    for key, shared in holds:
        wanted[key] = wanted.get(key, True) and shared
    taking = [
        f"pg_advisory_xact_lock{'_shared' if shared else ''}({key})" for key, shared in sorted(wanted.items())
    ]
    return f"SELECT {', '.join(taking)}" if taking else ""
