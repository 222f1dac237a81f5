"""Attempts are counted for all servers in Redis, and by each for itself while that is away."""

import asyncio
import shutil
import socket
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from limits import RateLimitItemPerSecond
from redis.asyncio import Redis

from chatgraph.errors import RateLimited
from chatgraph.operations import tallies
from chatgraph.operations.tallies import Rate, SharedTally, Tally, Windows
from chatgraph.settings import Settings
from tests.cast import PASSWORD, Cast, Refused
from tests.conftest import running

RATE = Rate("tries", 3, 60)


class RedisServer:
    """A Redis that the test starts and stops, on a port of its own that keeps free meanwhile."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # As long as this is open, nobody is given the port; Redis may listen on it nevertheless.
        self._kept = socket.socket()
        self._kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._kept.bind(("127.0.0.1", 0))
        self._port = self._kept.getsockname()[1]
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
            await self._process.communicate()

    async def close(self) -> None:
        """Stop it for good."""
        await self.stop()
        self._kept.close()


@pytest.fixture
async def redis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[RedisServer]:
    assert shutil.which("redis-server"), "`make tools` installs it"
    monkeypatch.setattr(tallies, "PATIENCE_SECONDS", 10)  # a busy machine isn't one without Redis
    server = RedisServer(tmp_path)
    await server.start()
    yield server
    await server.close()


class Clock:
    """A clock that the test sets."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


async def retry_after(tally: Tally, key: str, rate: Rate = RATE) -> int | None:
    """Try once and give the seconds to wait, or None when it passes."""
    try:
        await tally.count(rate, key)
    except RateLimited as refused:
        return refused.retry_after
    return None


async def tries(*tallies: Tally) -> list[bool]:
    """Try once at each tally and give which let it pass."""
    return [await retry_after(tally, "ada") is None for tally in tallies]


async def test_an_attempt_counts_until_its_own_window_ends() -> None:
    clock = Clock()
    tally = Tally(clock=clock)
    answers = []
    for seconds in (0, 10, 20, 30, 60, 60.5, 61, 71, 140):
        clock.now = 1000 + seconds
        answers.append(await retry_after(tally, "ada"))
    assert answers == [None, None, None, 30, 1, None, 9, None, None]


async def test_each_rate_and_each_key_has_a_window_of_its_own() -> None:
    tally = Tally(clock=Clock())
    assert [await retry_after(tally, "ada") for _ in range(4)] == [None, None, None, 60]
    assert await retry_after(tally, "ben") is None
    assert await retry_after(tally, "ada", Rate("others", 3, 60)) is None


async def test_who_comes_no_more_is_forgotten_once_the_window_has_ended() -> None:
    clock = Clock()
    windows = Windows(clock=clock)
    tally = Tally(windows, clock)
    for n in range(20):
        await retry_after(tally, f"user {n}")
        await retry_after(tally, f"user {n}", Rate("used up at once", 1, 30))
    for seconds, kept in ((30, 41), (31, 21), (60, 21), (61, 1)):
        clock.now = 1000 + seconds
        await retry_after(tally, "ada", Rate("one more", 9, 5))
        assert len(windows) == kept


async def test_no_more_keys_are_kept_than_allowed() -> None:
    windows = Windows(most=10)
    tally = Tally(windows)
    for n in range(50):
        for _ in range(n % 4 + 1):
            await retry_after(tally, f"user {n}")
        assert len(windows) == min(n + 1, 10)


async def test_keys_of_others_end_no_lockout() -> None:
    tally = Tally(Windows(most=10))
    for _ in range(3):
        assert await retry_after(tally, "ada") is None
    for n in range(50):
        await retry_after(tally, f"short {n}", Rate("short", 2, 4))
        await retry_after(tally, f"long {n}", Rate("long", 2, 3600))
    assert await retry_after(tally, "ada") is not None


async def test_what_ends_soonest_is_pushed_out_first() -> None:
    clock = Clock()
    tally = Tally(Windows(most=4, clock=clock), clock)
    came = [("ada", 60), ("ben", 60), ("ada", 60), ("soon", 30), ("cleo", 60), ("dora", 60), ("eve", 60)]
    for key, seconds in came:
        clock.now += 1
        await retry_after(tally, key, Rate("tries", 3, seconds))
    left = {}
    for key in ("eve", "dora", "cleo", "ada"):
        left[key] = [await retry_after(tally, key) for _ in range(3)].count(None)
    assert left == {"eve": 2, "dora": 2, "cleo": 2, "ada": 1}


async def test_what_is_left_and_when_the_oldest_ends_leave_out_what_has_ended() -> None:
    clock, item = Clock(), RateLimitItemPerSecond(3, 60)
    windows = Windows(clock=clock)
    for clock.now in (1000.0, 1050.0):
        await windows.hit(item, "ada")
    assert await windows.get_window_stats(item, "ada") == (1060, 1)
    clock.now = 1070
    assert await windows.get_window_stats(item, "ada") == (1110, 2)


async def test_counting_starts_no_task_and_no_thread() -> None:
    tasks, threads = asyncio.all_tasks(), threading.enumerate()
    tally = Tally()
    for n in range(20):
        await retry_after(tally, f"user {n % 4}")
        assert asyncio.all_tasks() <= tasks
    assert set(threading.enumerate()) <= set(threads)  # those of earlier tests may end meanwhile


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
