"""How often somebody may try: one table of operations, counted per attempt at either door."""

import math
import time
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

from limits import RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from chatgraph.credentials.usernames import read_username
from chatgraph.errors import Invalid, RateLimited
from chatgraph.operations import accounts, houses, invites, join_requests, rooms, sessions, talks
from chatgraph.viewer import Viewer


class Rate(NamedTuple):
    """*amount* attempts in any *seconds* seconds: that many at once, and in the long run amount/seconds."""

    name: str
    amount: int
    seconds: int


Key = Callable[[Viewer, Sequence[Any]], str | None]


def _address(viewer: Viewer, _: Sequence[Any]) -> str | None:
    return viewer.address and f"address {viewer.address}"


def _user(viewer: Viewer, _: Sequence[Any]) -> str | None:
    return None if viewer.user_id is None else f"user {viewer.user_id}"


def _named_account(_: Viewer, given: Sequence[Any]) -> str | None:
    try:
        return f"account {read_username(given[0]).name}"
    except Invalid:
        return None


MINUTE, HOUR, DAY = 60, 3600, 86400

RATES: dict[Callable[..., Any], list[tuple[Rate, Key]]] = {
    sessions.login: [
        (Rate("login per account", 5, 15 * MINUTE), _named_account),
        (Rate("login per address", 20, MINUTE), _address),
    ],
    accounts.change_password: [(Rate("password change", 5, 15 * MINUTE), _user)],
    accounts.register: [(Rate("register", 20, HOUR), _address)],
    talks.post_talk: [(Rate("talks", 20, 4), _user)],
    rooms.create_room: [(Rate("rooms", 100, HOUR), _user)],
    houses.create_house: [(Rate("houses", 20, DAY), _user)],
    invites.create_invite: [(Rate("invites", 100, HOUR), _user)],
    join_requests.request_to_join: [(Rate("join requests", 20, HOUR), _user)],
}
QUERIES = (Rate("queries", 100, 5), _user)
ANONYMOUS_QUERIES = (Rate("anonymous queries", 100, 20), _address)


@cache
def _item(rate: Rate) -> RateLimitItemPerSecond:
    return RateLimitItemPerSecond(rate.amount, rate.seconds, namespace=rate.name)


class Rates:
    """Counts attempts in this process. *on* False counts nothing."""

    def __init__(self, on: bool = True) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage()) if on else None

    async def spend(self, operation: Callable[..., Any], viewer: Viewer, given: Sequence[Any]) -> None:
        """Count one attempt of an operation. Raises `RateLimited` when a rate is used up."""
        for rate, key in RATES.get(operation, ()):
            await self._count(rate, key(viewer, given))

    async def spend_query(self, viewer: Viewer) -> None:
        """Count one request at a door. Raises `RateLimited`."""
        rate, key = ANONYMOUS_QUERIES if viewer.user_id is None else QUERIES
        await self._count(rate, key(viewer, ()))

    async def _count(self, rate: Rate, key: str | None) -> None:
        if self._limiter is None or key is None:
            return
        item = _item(rate)
        if await self._limiter.hit(item, key):
            return
        opens = (await self._limiter.get_window_stats(item, key)).reset_time
        retry_after = max(1, math.ceil(opens - time.time()))
        raise RateLimited(rate.name, rate.amount, rate.seconds, retry_after)
