"""Whoever doesn't keep up waits alone: little is kept for them, nobody else waits, and once they read they get all."""

import asyncio
import gc
import tracemalloc
from pathlib import Path
from typing import Any

import orjson

from chatgraph.operations import talks
from chatgraph.operations.work import Work
from chatgraph.schema.graph import Question
from chatgraph.schema.ids import cursor
from chatgraph.schema.live.listening import MOST_BYTES, MOST_WAITING
from chatgraph.schema.live.telling import LARGEST_EVENT
from chatgraph.schema.types.events import dress_event
from tests.conftest import Server
from tests.live.guests import (
    Guest,
    Place,
    as_told,
    make_guests,
    make_past,
    make_place,
    read_journal,
    rounds,
    say,
)
from tests.live.listeners import HOUSE, Listener, until

PAGE = Path("/proc/self/statm")
LONG = "\N{GRINNING FACE}" * 3900  # 15 KiB, so that little fills a socket
LARGE = HOUSE.replace("removeTime", "removeTime room { talks(last: 100) { nodes { content } } }")


def resident() -> int:
    """Give how many bytes of memory this process holds."""
    gc.collect()
    return int(PAGE.read_text().split()[1]) * 4096


def beginning(place: Place, seq: int = 0) -> str:
    return cursor(f"journal/{place.house}", seq + 1)


async def listen(server: Server, guests: list[Guest], place: Place, **options: Any) -> list[Listener]:
    """Let guests listen after all that happened until now."""
    begun = beginning(place, (await read_journal(server.chat, place.house))[-1].seq)
    listeners = [Listener(server.url, one.token, place.house_id, begun, **options) for one in guests]
    joined = len(server.app.state.live.listeners)
    await asyncio.gather(*(listener.connect() for listener in listeners))
    await until(lambda: len(server.app.state.live.listeners) == joined + len(listeners))
    return listeners


async def post(server: Server, authors: list[Guest], room: int, count: int, content: str) -> list[float]:
    """Post so many talks as fast as they go, and give when each was begun."""
    now, times = asyncio.get_running_loop().time, []

    async def go_on(author: Guest) -> None:
        while len(times) < count:
            times.append(now())
            await say(server.chat, author.viewer, room, f"{len(times)} {content}")

    await asyncio.gather(*(go_on(author) for author in authors))
    return times


def p99(fast: list[Listener], times: list[float]) -> float:
    """Give how long talks took from the beginning to post them until they were told, in ms, at the 99th percentile."""
    begun = dict(enumerate(times, 1))
    took = sorted(
        one.time - begun[int(one.data["talk"]["content"].split()[0])]
        for listener in fast
        for one in listener.told
    )
    return took[int(len(took) * 0.99)] * 1000


async def test_those_who_do_not_read_hold_up_nobody_and_get_all_once_they_read(server: Server) -> None:
    count, slow_count = rounds("TALKS", 400), rounds("SLOW", 6)
    owner, *guests = await make_guests(server.chat, slow_count + 14)
    place = await make_place(server.chat, owner.viewer, [guest.viewer for guest in guests])
    fast = await listen(server, guests[:5], place)
    authors = guests[-8:]
    alone = await post(server, authors, place.room, count, LONG)
    last = (await read_journal(server.chat, place.house))[-1].seq
    await asyncio.gather(*(one.until_seq(last) for one in fast))
    p99_alone = p99(fast, alone)
    for one in fast:
        one.told.clear()
    before = resident()
    slow = await listen(server, guests[5 : 5 + slow_count], place, reads=False)
    live, most = server.app.state.live, [0, 0]
    watching = asyncio.create_task(watch(live, most))
    times = await post(server, authors, place.room, count, LONG)
    journal = await read_journal(server.chat, place.house)
    expected = [seq for seq, *_ in as_told(journal[last:])]
    await asyncio.gather(*(one.until_seq(expected[-1]) for one in fast))
    watching.cancel()
    grown = (resident() - before) / len(slow)
    assert [one.seqs for one in fast] == [expected] * len(fast)
    blocked = sum(one._feed is None for one in live.listeners)
    figures = f"p99 {p99_alone:.0f} ms alone, {p99(fast, times):.0f} ms beside {len(slow)} slow ones"
    print(f"{count} talks: {figures}; at most {most} waited for one, {blocked} fell out of the feed,", end="")
    print(f" {grown / 1024:.0f} KiB a slow listener", end="")
    assert most[0] <= MOST_WAITING
    assert most[1] <= MOST_BYTES
    assert blocked >= len(slow), "nobody was slow enough for this to prove anything"
    for one in slow:
        one.read()
    began = asyncio.get_running_loop().time()
    await asyncio.gather(*(one.until_seq(expected[-1], 300) for one in slow))
    print(f"; they caught up in {asyncio.get_running_loop().time() - began:.1f} s")
    assert [one.seqs for one in slow] == [expected] * len(slow)
    await asyncio.gather(*(one.drop() for one in (*fast, *slow)))


async def test_what_is_told_at_once_to_who_does_not_read_is_bounded_too(server: Server) -> None:
    owner, *guests = await make_guests(server.chat, 4)
    place = await make_place(server.chat, owner.viewer, [guest.viewer for guest in guests])
    listeners = await listen(server, guests, place, document=LARGE, reads=False)
    feeds, kept = server.app.state.live.feeds, list(server.app.state.live.listeners)
    await until(lambda: sum(len(feed.followers) for feed in feeds.values()) == len(listeners))
    await until(lambda: not any(one.doubted for one in kept))
    tracemalloc.start()
    async with server.chat.visit(owner.viewer) as visit:
        await visit.perform(say_at_once, place.room, 100)
    feed = next(iter(feeds.values()))
    last = (await read_journal(server.chat, place.house))[-1].seq
    await until(lambda: feed.seq == last or not feed.followers)
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0] / len(listeners)
    tracemalloc.stop()
    print(f"{grown / 1024**2:.1f} MiB a listener")
    await asyncio.gather(*(listener.drop() for listener in listeners))
    assert grown < 8 * MOST_BYTES


async def say_at_once(work: Work, room: int, count: int) -> None:
    for _ in range(count):
        await talks.post_talk(work, room, "x" * 3900)


async def until_stuck(server: Server, count: int) -> None:
    """Wait until each of so many listeners has events to send that its socket doesn't take: nothing moves any more."""
    listeners, clock = server.app.state.live.listeners, asyncio.get_running_loop().time
    await until(lambda: len(listeners) == count and all(one._seq > 8 for one in listeners))
    seqs, since = [], clock()
    async with asyncio.timeout(60):
        while clock() - since < 0.5:
            await asyncio.sleep(0.01)
            if seqs != (now := sorted(one._seq for one in listeners)):
                seqs, since = now, clock()


async def watch(live: Any, most: list[int]) -> None:
    """Note the longest queues, in events and in bytes."""
    while True:
        for one in live.listeners:
            most[0] = max(most[0], len(one._queue))
            most[1] = max(most[1], sum(len(written.payload) for written in one._queue))
        await asyncio.sleep(0.005)


async def test_what_is_told_to_who_catches_up_and_does_not_read_is_bounded_too(server: Server) -> None:
    owner, *guests = await make_guests(server.chat, 4)
    place = await make_place(server.chat, owner.viewer, [guest.viewer for guest in guests])
    await make_past(server.chat, place, owner.viewer, 110, "x" * 3900)
    tracemalloc.start()
    listeners = [
        Listener(server.url, one.token, place.house_id, beginning(place), LARGE, reads=False)
        for one in guests
    ]
    await asyncio.gather(*(listener.connect() for listener in listeners))
    await until_stuck(server, len(listeners))
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0] / len(listeners)
    tracemalloc.stop()
    print(f"{grown / 1024**2:.1f} MiB a listener")
    await asyncio.gather(*(listener.drop() for listener in listeners))
    assert grown < 8 * MOST_BYTES


async def test_an_event_that_is_too_large_is_told_as_that_and_no_more_is_written_at_once_than_fits(
    server: Server,
) -> None:
    [owner] = await make_guests(server.chat, 1)
    place, live = await make_place(server.chat, owner.viewer), server.app.state.live
    await make_past(server.chat, place, owner.viewer, 100, "\x01" * 3900)
    journal = await read_journal(server.chat, place.house)
    events = [(one.seq, dress_event(one)) for one in journal[-20:]]

    async def write(document: str) -> list[bytes]:
        asked = Question(document, None, {"id": place.house_id, "after": beginning(place)})
        async with server.chat.visit(owner.viewer) as visit:
            return [one.payload for one in await live.write(visit, await live.begin(visit, asked), events)]

    told = [orjson.loads(payload) for payload in await write(LARGE)]
    assert [(one["data"], one["errors"][0]["extensions"]["code"]) for one in told] == [
        (None, "BAD_USER_INPUT")
    ] * 20
    large = [len(payload) for payload in await write(LARGE.replace("last: 100", "last: 20"))]  # 480 KB each
    assert len(large) == 3
    assert 400_000 < max(large) < LARGEST_EVENT
    assert len(await write(HOUSE)) == 20
