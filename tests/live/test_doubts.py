"""A right in doubt is asked again: for as long as it takes to get an answer, and not more often than needed."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from chatgraph.chat import Visit
from chatgraph.errors import Unavailable
from chatgraph.operations import events, houses
from chatgraph.schema.ids import cursor
from tests.conftest import Server
from tests.live.guests import Guest, Place, as_told, make_guests, make_place, read_journal, say
from tests.live.listeners import HOUSE, Listener, until

OWN = HOUSE.replace("seq content", "seq content viewerCan")


async def listen(
    server: Server, guests: list[Guest], place: Place, document: str = HOUSE, *, reads: bool = True
) -> list[Listener]:
    """Let guests listen, until each follows a feed."""
    begun = cursor(f"journal/{place.house}", (await read_journal(server.chat, place.house))[-1].seq + 1)
    listeners = [
        Listener(server.url, one.token, place.house_id, begun, document, reads=reads) for one in guests
    ]
    await asyncio.gather(*(listener.connect() for listener in listeners))
    feeds = server.app.state.live.feeds
    await until(lambda: sum(len(feed.followers) for feed in feeds.values()) == len(listeners))
    return listeners


async def rename(server: Server, owner: Guest, place: Place, name: str) -> None:
    async with server.chat.visit(owner.viewer) as visit:
        await visit.perform(houses.update_house, place.house, name, None, None)


@asynccontextmanager
async def nobody_can_read(server: Server) -> AsyncIterator[None]:
    """Hold every connection that reads, so that whoever else wants one is soon told that too many wait."""
    readers = server.chat.database.readers
    async with AsyncExitStack() as held:
        for _ in range(readers.most):
            await held.enter_async_context(server.chat.database.reading())
        patience, readers.patience = readers.patience, 0.05
        yield
    readers.patience = patience


def count_in_vain(monkeypatch: pytest.MonkeyPatch) -> Counter[int | None]:
    """Count how often each user's right was asked in vain."""
    vain, ask = Counter[int | None](), Visit.ask

    async def counted(visit, operation, *given, **named):
        try:
            return await ask(visit, operation, *given, **named)
        except Unavailable:
            vain[visit.viewer.user_id] += operation is events.follow
            raise

    monkeypatch.setattr(Visit, "ask", counted)
    return vain


@pytest.mark.parametrize("count", [1, 5])
async def test_who_could_not_be_asked_for_a_while_is_told_everything_afterwards(
    server: Server, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    owner, *guests = await make_guests(server.chat, count + 1)
    place = await make_place(server.chat, owner.viewer, [guest.viewer for guest in guests])
    listeners = await listen(server, guests, place)
    before = (await read_journal(server.chat, place.house))[-1].seq
    vain = count_in_vain(monkeypatch)
    async with nobody_can_read(server):
        await rename(server, owner, place, "Loom")
        await until(lambda: all(vain[guest.viewer.user_id] for guest in guests))
    await say(server.chat, owner.viewer, place.room)
    journal = await read_journal(server.chat, place.house)
    await asyncio.gather(*(listener.until_seq(journal[-1].seq, 10) for listener in listeners))
    expected = [(seq, kind) for seq, kind, _ in as_told(journal[before:])]
    assert [[(one.seq, one.kind) for one in each.told] for each in listeners] == [expected] * count
    await asyncio.gather(*(listener.drop() for listener in listeners))


async def test_what_waited_for_who_could_not_be_asked_is_not_lost(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, guest = await make_guests(server.chat, 2)
    place = await make_place(server.chat, owner.viewer, [guest.viewer])
    [listener] = await listen(server, [guest], place, reads=False)
    [kept] = server.app.state.live.listeners
    before = (await read_journal(server.chat, place.house))[-1].seq
    while len(kept._queue) < 5:  # its socket takes no more
        await say(server.chat, owner.viewer, place.room, "\N{GRINNING FACE}" * 3900)
    assert kept._feed is not None
    vain = count_in_vain(monkeypatch)
    async with nobody_can_read(server):
        await rename(server, owner, place, "Loom")
        listener.read()
        await until(lambda: vain[guest.viewer.user_id] > 0)
    await say(server.chat, owner.viewer, place.room)
    journal = await read_journal(server.chat, place.house)
    await listener.until_seq(journal[-1].seq)
    assert [one.seq for one in listener.told] == [seq for seq, *_ in as_told(journal[before:])]
    await listener.drop()


async def test_a_rename_asks_each_listener_a_few_times_however_many_feeds_there_are(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, *guests = await make_guests(server.chat, 31)
    place = await make_place(server.chat, owner.viewer, [guest.viewer for guest in guests])
    listeners = await listen(server, guests, place, OWN)
    asked, ask = 0, Visit.ask

    async def counted(visit, operation, *given, **named):
        nonlocal asked
        asked += operation is events.follow
        return await ask(visit, operation, *given, **named)

    monkeypatch.setattr(Visit, "ask", counted)
    await rename(server, owner, place, "Loom")
    await say(server.chat, owner.viewer, place.room)
    await asyncio.gather(*(listener.until(lambda one=listener: len(one.told) == 2) for listener in listeners))
    print(
        f"{len(listeners)} listeners in {len(server.app.state.live.feeds)} feeds were asked for {asked} times"
    )
    assert asked <= 3 * len(listeners)
    await asyncio.gather(*(listener.drop() for listener in listeners))
