"""The channel: what one server says, the others hear, again once it was interrupted."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from chatgraph.store.database import Database
from chatgraph.store.postgres.channel import NAME, Channel
from tests.outside import Outside

pytestmark = pytest.mark.postgresql


class Ear:
    """What is heard of others, in order, and how often the channel began to hear."""

    def __init__(self) -> None:
        self.words: list[tuple[str, str]] = []
        self.messages = 0
        self.connections = 0
        self._changed = asyncio.Event()

    def hear(self, server: str, words: Sequence[str]) -> None:
        self.words += [(server, word) for word in words]
        self.messages += bool(words)
        self._changed.set()

    def connected(self) -> None:
        self.connections += 1
        self._changed.set()

    async def until_heard(self, count: int) -> list[str]:
        """Wait until so many words were heard; give them."""
        while len(self.words) < count:
            await self._wait()
        return [word for _, word in self.words]

    async def until_connected(self, count: int) -> None:
        """Wait until it began to hear for that time."""
        while self.connections < count:
            await self._wait()

    async def _wait(self) -> None:
        self._changed.clear()
        await asyncio.wait_for(self._changed.wait(), 10)


@asynccontextmanager
async def connected(database: Database) -> AsyncIterator[tuple[Channel, Ear]]:
    """Run a channel, as a server of its own does."""
    ear = Ear()
    channel = database.channel(ear.hear, ear.connected)
    running = asyncio.create_task(channel.run())
    await ear.until_connected(1)
    yield channel, ear
    running.cancel()
    await asyncio.wait([running])


async def test_what_is_said_reaches_all_others_and_not_oneself(database: Database) -> None:
    async with (
        connected(database) as (one, mine),
        connected(database) as (two, its),
        connected(database) as (_, third),
    ):
        one.say("e1:2:3:4")
        one.say("s5")
        assert await its.until_heard(2) == await third.until_heard(2) == ["e1:2:3:4", "s5"]
        two.say("p1")
        assert await mine.until_heard(1) == ["p1"]
        assert {server for server, _ in its.words}.isdisjoint(server for server, _ in mine.words)


async def test_more_than_one_message_holds_is_said_in_several(database: Database) -> None:
    words = [f"e{number}:{number}:30:{10**15}" for number in range(2000)]
    async with connected(database) as (one, _), connected(database) as (_, its):
        for word in words:
            one.say(word)
        assert await its.until_heard(len(words)) == words
        assert its.messages >= sum(map(len, words)) / 8000


async def test_a_channel_that_is_interrupted_hears_again_and_says_so(database: Database) -> None:
    async with connected(database) as (one, mine), connected(database) as (two, its):
        ended = Outside(database).run(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            f" WHERE datname = current_database() AND application_name = '{NAME}'"
        )
        assert ended == [(True,)] * 2
        await asyncio.gather(mine.until_connected(2), its.until_connected(2))
        assert one.works
        assert two.works
        one.say("s5")
        assert await its.until_heard(1) == ["s5"]
