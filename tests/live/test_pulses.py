"""A pulse that can't be felt for a while is felt again, for as long as anybody wants to know."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from chatgraph.errors import Unavailable
from chatgraph.events.whispers import Said
from chatgraph.schema.live import pulses
from chatgraph.schema.live.pulses import Pulses
from tests.conftest import Server
from tests.live.guests import Guest, Place, make_guests, make_place, say
from tests.live.wires import PATIENCE
from tests.pauses import Paused

DEFECTS = [Unavailable("The database can't be read now."), KeyError("nobody foresaw it")]
each_defect = pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: type(defect).__name__)


class Heard:
    """What was heard of one house, as it comes."""

    def __init__(self) -> None:
        self._come: asyncio.Queue[Said] = asyncio.Queue()
        self.take = self._come.put_nowait

    async def next(self) -> Said:
        async with asyncio.timeout(PATIENCE):
            return await self._come.get()


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Callable[..., asyncio.Event]:
    """Tell when something was read for a pulse that never pauses; where a defect is given, that fails once before."""

    def watched(name: str, *defects: Exception) -> asyncio.Event:
        real, left, done = getattr(pulses, name), [*defects], asyncio.Event()

        async def read(*given: Any) -> Any:
            if left:
                raise left.pop()
            found = await real(*given)
            done.set()
            return found

        monkeypatch.setattr(pulses, name, read)
        return done

    async def pause(_: float) -> None:
        pass

    monkeypatch.setattr(pulses, "asyncio", Paused(pause))
    return watched


@pytest.fixture
async def place(server: Server) -> tuple[Guest, Place]:
    """A house, and who owns it."""
    [owner] = await make_guests(server.chat, 1)
    return owner, await make_place(server.chat, owner.viewer)


@each_defect
async def test_a_pulse_that_could_not_begin_begins_later(
    server: Server, place: tuple[Guest, Place], watch: Callable[..., asyncio.Event], defect: Exception
) -> None:
    (owner, where), beats, first, later = place, Pulses(server.chat), Heard(), Heard()
    begun = watch("read_heads", defect)
    beats.hear(where.house, first.take)
    async with asyncio.timeout(PATIENCE):
        await begun.wait()
    beats.hear(where.house, later.take)
    await say(server.chat, owner.viewer, where.room)
    expected = Said(where.house, where.room, 1)
    assert [await first.next(), await later.next()] == [expected, expected]
    beats.hush(where.house, first.take)
    beats.hush(where.house, later.take)
    assert not beats._tasks


@each_defect
async def test_a_pulse_that_could_not_be_felt_is_felt_again_and_counts_all(
    server: Server, place: tuple[Guest, Place], watch: Callable[..., asyncio.Event], defect: Exception
) -> None:
    (owner, where), beats, heard = place, Pulses(server.chat), Heard()
    begun = watch("read_heads")
    watch("read_anywhere", defect)
    beats.hear(where.house, heard.take)
    async with asyncio.timeout(PATIENCE):
        await begun.wait()
    await say(server.chat, owner.viewer, where.room)
    assert await heard.next() == Said(where.house, where.room, 1)
    beats.hush(where.house, heard.take)


async def test_more_than_is_read_at_a_time_is_told_without_another_word(
    server: Server,
    place: tuple[Guest, Place],
    watch: Callable[..., asyncio.Event],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (owner, where), beats, heard = place, Pulses(server.chat), Heard()
    begun = watch("read_heads")
    monkeypatch.setattr(pulses, "MOST_READ", 2)
    beats.hear(where.house, heard.take)
    async with asyncio.timeout(PATIENCE):
        await begun.wait()
    await asyncio.gather(*(say(server.chat, owner.viewer, where.room) for _ in range(5)))
    monkeypatch.setattr(server.chat.hub, "wake", lambda *_: None)
    told = 0
    while told < 5:
        told += (await heard.next()).talks
    assert told == 5
    beats.hush(where.house, heard.take)
