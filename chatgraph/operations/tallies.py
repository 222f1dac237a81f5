"""Tallies: where attempts are counted, in this process or for all servers together."""

import math
import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import structlog
from limits import RateLimitItem, RateLimitItemPerSecond, WindowStats
from limits.aio.storage import RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import StorageError

from chatgraph.errors import RateLimited

# How long Redis is waited for.
PATIENCE_SECONDS = 0.5
# How many keys a process counts: strangers choose them, and each takes about half a kilobyte.
MOST_KEYS = 100_000

log = structlog.get_logger()


class Rate(NamedTuple):
    """*amount* attempts in any *seconds* seconds: that many at once, and in the long run amount/seconds."""

    name: str
    amount: int
    seconds: int


@cache
def _item(rate: Rate) -> RateLimitItemPerSecond:
    return RateLimitItemPerSecond(rate.amount, rate.seconds, namespace=rate.name)


class Windows:
    """
    The moving windows of this process, with what a tally asks of the limiter of `limits`.

    The memory storage of `limits` asks a thread about each key, again and again while anybody is counted. Here
    keys stand in the order in which their windows end, and each hit drops those that have ended from the front.

    A key too many pushes out the one that ends soonest of those with attempts left, and one that is used up only
    when there is no other: to end somebody's lockout early, one must use up the rates of *most* other keys.
    """

    def __init__(self, most: int = MOST_KEYS, clock: Callable[[], float] = time.time) -> None:
        self._most = most
        self._clock = clock
        self._moments: dict[str, list[float]] = {}
        # By whether the last hit used the rate up, and by the seconds of the window.
        self._lines: defaultdict[tuple[bool, int], OrderedDict[str, None]] = defaultdict(OrderedDict)

    def __len__(self) -> int:
        return len(self._moments)

    async def hit(self, item: RateLimitItem, key: str) -> bool:
        """Count one attempt, unless *item* is used up: what is refused isn't counted."""
        now, name, seconds = self._clock(), item.key_for(key), item.get_expiry()
        self._drop_ended(now)
        before = self._moments.get(name, [])
        moments = [moment for moment in before if moment >= now - seconds]
        if len(moments) >= item.amount:
            return False
        if before:
            del self._lines[len(before) == item.amount, seconds][name]
        elif len(self) >= self._most:
            self._push_out()
        moments.append(now)
        self._moments[name] = moments
        self._lines[len(moments) == item.amount, seconds][name] = None
        return True

    async def get_window_stats(self, item: RateLimitItem, key: str) -> WindowStats:
        """Tell when the oldest attempt that counts will count no more, and how many are left until then."""
        now, seconds = self._clock(), item.get_expiry()
        moments = [moment for moment in self._moments.get(item.key_for(key), []) if moment >= now - seconds]
        return WindowStats((moments[0] if moments else now) + seconds, item.amount - len(moments))

    def _drop_ended(self, now: float) -> None:
        for (_, seconds), line in self._lines.items():
            while line and self._moments[next(iter(line))][-1] < now - seconds:
                self._drop_first(line)

    def _push_out(self) -> None:
        def harm(place: tuple[bool, int]) -> tuple[bool, float]:
            used_up, seconds = place
            return used_up, self._moments[next(iter(self._lines[place]))][-1] + seconds

        self._drop_first(self._lines[min((place for place, line in self._lines.items() if line), key=harm)])

    def _drop_first(self, line: OrderedDict[str, None]) -> None:
        name, _ = line.popitem(last=False)
        del self._moments[name]


class Tally:
    """Counts what this process sees."""

    def __init__(
        self,
        limiter: MovingWindowRateLimiter | Windows | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._clock = clock
        self._limiter = Windows(clock=clock) if limiter is None else limiter

    async def count(self, rate: Rate, key: str) -> None:
        """Count one attempt of whom *key* names. Raises `RateLimited` when the rate is used up."""
        item = _item(rate)
        if await self._limiter.hit(item, key):
            return
        opens = (await self._limiter.get_window_stats(item, key)).reset_time
        retry_after = max(1, math.ceil(opens - self._clock()))
        raise RateLimited(rate.name, rate.amount, rate.seconds, retry_after)

    async def close(self) -> None:
        """Let go of where it is counted."""


class SharedTally(Tally):
    """Counts in Redis what all servers see; while that can't be reached, in the tally *meanwhile*."""

    def __init__(self, redis_url: str, meanwhile: Tally) -> None:
        self._pool = _pool(redis_url)
        storage = RedisStorage(
            f"async+{redis_url}",
            wrap_exceptions=True,
            implementation="redispy",
            key_prefix="chatgraph",
            connection_pool=self._pool,
        )
        super().__init__(MovingWindowRateLimiter(storage))
        self._meanwhile = meanwhile
        self._reached = True

    async def count(self, rate: Rate, key: str) -> None:
        """Count one attempt. Raises `RateLimited`."""
        try:
            await super().count(rate, key)
        except (StorageError, OSError) as error:
            if self._reached:
                log.error("redis can't be reached: each server counts for itself", error=str(error))
            self._reached = False
            await self._meanwhile.count(rate, key)
        else:
            self._reached = True

    async def close(self) -> None:
        """Let go of Redis."""
        await self._pool.aclose()


def _pool(redis_url: str) -> Any:
    """Give connections that don't wait long. Raises `ValueError` for a bad address, or without Redis's package."""
    try:
        from redis.asyncio import ConnectionPool
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
    except ImportError:
        raise ValueError(
            "CHATGRAPH_REDIS_URL needs one more package: pip install 'chatgraph[redis]'."
        ) from None
    patience = {"socket_timeout": PATIENCE_SECONDS, "socket_connect_timeout": PATIENCE_SECONDS}
    try:
        return ConnectionPool.from_url(redis_url, retry=Retry(NoBackoff(), 0), **patience)
    except ValueError as error:
        raise ValueError(f"CHATGRAPH_REDIS_URL must look like redis://host:6379/0: {error}.") from None
