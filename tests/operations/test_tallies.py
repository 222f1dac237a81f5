"""Attempts are counted for all servers in Redis, and by each for itself while that is away."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from redis.asyncio import Redis

from chatgraph.errors import RateLimited
from chatgraph.operations.tallies import Rate, SharedTally, Tally
from chatgraph.settings import Settings
from tests.cast import PASSWORD, Cast, Refused
from tests.conftest import running

RATE = Rate("tries", 3, 60)


class RedisServer:
    """A Redis that the test starts and stops, on a port of its own that keeps free meanwhile."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self._port}/0"

    async def start(self) -> None:
        words = ["--port", str(self._port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = await asyncio.create_subprocess_exec(
            "redis-server", *words, cwd=self._folder, stdout=asyncio.subprocess.PIPE
        )
        assert self._process.stdout is not None
        while b"Ready to accept connections" not in await self._process.stdout.readline():
            assert not self._process.stdout.at_eof()

    async def stop(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
            await self._process.wait()


@pytest.fixture
async def redis(tmp_path: Path) -> AsyncIterator[RedisServer]:
    assert shutil.which("redis-server"), "`make tools` installs it"
    server = RedisServer(tmp_path)
    await server.start()
    yield server
    await server.stop()


async def tries(*tallies: Tally) -> list[bool]:
    """Try once at each tally and give which let it pass."""
    passed = []
    for tally in tallies:
        try:
            await tally.count(RATE, "ada")
        except RateLimited:
            passed.append(False)
        else:
            passed.append(True)
    return passed


@pytest.mark.tools
async def test_two_servers_count_together(redis: RedisServer) -> None:
    one, other = (SharedTally(redis.url, Tally()) for _ in range(2))
    assert await tries(one, other, one, other, one) == [True, True, True, False, False]
    await asyncio.gather(one.close(), other.close())


@pytest.mark.tools
async def test_while_redis_is_away_each_counts_for_itself_and_together_once_it_is_back(
    redis: RedisServer,
) -> None:
    one, other = (SharedTally(redis.url, Tally()) for _ in range(2))
    assert await tries(one, other) == [True, True]
    await redis.stop()
    assert await tries(one, one, one, one) == [True, True, True, False]
    assert await tries(other, other, other, other) == [True, True, True, False]
    await redis.start()
    assert await tries(one, other, one, other) == [True, True, True, False]
    await asyncio.gather(one.close(), other.close())


@pytest.mark.tools
async def test_logins_that_two_servers_see_are_counted_together(
    redis: RedisServer, make_settings: Callable[..., Settings]
) -> None:
    settings = make_settings(rate_limits=True, redis_url=redis.url)
    async with running(settings) as first, Cast(first.url) as cast:
        await cast.ada.register()
        for _ in range(5):
            await cast.ada.sign_in()
    async with running(settings) as second, Cast(second.url) as cast:
        with pytest.raises(Refused) as refused:
            await cast.ada.do("login", "accessToken", username="ada", password=PASSWORD)
        assert refused.value.code == "RATE_LIMITED"
        async with Redis.from_url(redis.url) as asked:
            assert await asked.keys("chatgraph*login per account*")


@pytest.mark.parametrize("url", ["localhost", "http://localhost", ""])
def test_an_address_that_is_not_of_redis_is_explained(url: str) -> None:
    with pytest.raises(ValueError, match="must look like redis://host:6379/0"):
        SharedTally(url, Tally())
