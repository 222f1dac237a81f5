"""Tallies: where attempts are counted, in this process or for all servers together."""

import math
import time
from functools import cache
from typing import Any, NamedTuple

import structlog
from limits import RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import StorageError

from chatgraph.errors import RateLimited

# How long Redis is waited for.
PATIENCE_SECONDS = 0.5

log = structlog.get_logger()


class Rate(NamedTuple):
    """*amount* attempts in any *seconds* seconds: that many at once, and in the long run amount/seconds."""

    name: str
    amount: int
    seconds: int


@cache
def _item(rate: Rate) -> RateLimitItemPerSecond:
    return RateLimitItemPerSecond(rate.amount, rate.seconds, namespace=rate.name)


class Tally:
    """Counts what this process sees."""

    def __init__(self, storage: Storage | None = None) -> None:
        self._limiter = MovingWindowRateLimiter(storage or MemoryStorage())

    async def count(self, rate: Rate, key: str) -> None:
        """Count one attempt of whom *key* names. Raises `RateLimited` when the rate is used up."""
        item = _item(rate)
        if await self._limiter.hit(item, key):
            return
        opens = (await self._limiter.get_window_stats(item, key)).reset_time
        retry_after = max(1, math.ceil(opens - time.time()))
        raise RateLimited(rate.name, rate.amount, rate.seconds, retry_after)

    async def close(self) -> None:
        """Let go of where it is counted."""


class SharedTally(Tally):
    """Counts in Redis what all servers see; while that can't be reached, in the tally *meanwhile*."""

    def __init__(self, redis_url: str, meanwhile: Tally) -> None:
        self._pool = _pool(redis_url)
        super().__init__(
            RedisStorage(
                f"async+{redis_url}",
                wrap_exceptions=True,
                implementation="redispy",
                key_prefix="chatgraph",
                connection_pool=self._pool,
            )
        )
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
