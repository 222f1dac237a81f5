"""After a break, `after` the last cursor goes on: nothing is missed, nothing told twice. What can't be proved is said."""

import asyncio
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from chatgraph.chat import Chat
from chatgraph.events.kinds import Kind
from chatgraph.schema.ids import cursor, global_id
from chatgraph.settings import Settings
from chatgraph.store import tables
from chatgraph.store.rows import Connection
from tests.conftest import Server, running
from tests.faults.driver import Driver
from tests.faults.server import Server as Process
from tests.faults.stored import read_file
from tests.live.guests import Flow, Guest, Place, as_told, make_guests, make_place, read_journal, rounds, say
from tests.live.listeners import HOUSE, ROOM, Listener

LISTENERS = 50
NOTHING_LOST = {"missed": 0, "repeated": 0, "out of order": 0, "ended": 0}


def compare(
    listeners: list[Listener], told: Callable[[Listener], list[tuple[int, str, int]]]
) -> dict[str, int]:
    """Count what the listeners were told otherwise than they were to be."""
    found = dict.fromkeys(NOTHING_LOST, 0)
    for listener in listeners:
        got = [
            (one.seq, one.kind, one.data["talk"]["databaseId"]) for one in listener.told if "talk" in one.data
        ]
        found["missed"] += len(set(told(listener)) - set(got))
        found["repeated"] += len(got) - len(set(got) & set(told(listener)))
        found["out of order"] += not listener.in_order
        found["ended"] += listener.end is not None
    return found


async def test_listeners_whose_sockets_break_again_and_again_miss_nothing_and_hear_nothing_twice(
    server: Server,
) -> None:
    owner, *guests = await make_guests(server.chat, LISTENERS + 1)
    place = await make_place(server.chat, owner.viewer, [guest.viewer for guest in guests])
    begun = cursor(f"journal/{place.house}", len(await read_journal(server.chat, place.house)) + 1)
    listeners = [
        Listener(server.url, guest.token, place.house_id, begun)
        if number % 2
        else Listener(server.url, guest.token, place.room_id, begun, ROOM)
        for number, guest in enumerate(guests)
    ]
    await asyncio.gather(*(listener.connect() for listener in listeners))
    async with Flow(server.chat, place, [guest.viewer for guest in guests[:8]]) as flow:
        for _ in range(rounds("BREAKS", 20)):
            await flow.until_done(random.randint(1, 5))
            broken = random.sample(listeners, random.randint(1, 2))
            await asyncio.gather(*(listener.resume() for listener in broken))
        rate = flow.per_second
    journal = await read_journal(server.chat, place.house)
    expected = as_told(journal[-flow.done :])
    await asyncio.gather(*(listener.until_seq(journal[-1].seq) for listener in listeners))
    await asyncio.gather(*(listener.drop() for listener in listeners))
    found = compare(listeners, lambda _: expected)
    told = sum(len(listener.told) for listener in listeners)
    print(found, f"{told} told, {sum(one.resumed for one in listeners)} breaks, {rate:.0f} changes/s")
    assert found == NOTHING_LOST


async def kill_and_resume(folder: Path, kills: int) -> dict[str, int]:
    """Kill the server that often while clients post and others listen, and count what these missed."""
    process = Process(folder)
    async with Driver(clients=16, rooms=1) as driver:
        try:
            await process.start()
            await driver.prepare(process.url)
            reader, room = driver.reader, driver.rooms[0]
            read = await reader.ask("query ($id: ID!) { room(id: $id) { house { id cursor } } }", id=room)
            house = read["room"]["house"]
            wanted = [(house["id"], HOUSE), (room, ROOM)] * 4
            listeners = [Listener("", None, one, house["cursor"], document) for one, document in wanted]
            for _ in range(kills):
                await _listen_until_killed(process, driver, listeners)
                await process.start()
                await driver.turn_to(process.url)
            await driver.post_unanswered()
            [journal] = read_file(process.database).journals.values()
            expected = [(seq, "TalkPosted", talk) for seq, kind, talk in journal if kind == Kind.TALK_POSTED]
            await _listen(process, driver, listeners)
            await asyncio.gather(*(listener.until_seq(expected[-1][0]) for listener in listeners))
            await asyncio.gather(*(listener.drop() for listener in listeners))
        finally:
            await process.stop()
    told = sum(len(listener.told) for listener in listeners)
    print(f"{kills} kills, {len(expected)} talks, {told} told")
    return compare(listeners, lambda _: expected)


async def _listen(process: Process, driver: Driver, listeners: list[Listener]) -> None:
    for listener in listeners:
        listener.turn_to(process.url, driver.reader.token)
    await asyncio.gather(*(listener.connect() for listener in listeners))


async def _listen_until_killed(process: Process, driver: Driver, listeners: list[Listener]) -> None:
    driver.answered.clear()
    posting = asyncio.create_task(driver.post_until_gone())
    try:
        await _listen(process, driver, listeners)
        count = random.randint(1, 60)
        before = len(listeners[0].told)
        await listeners[0].until(lambda: len(listeners[0].told) > before + count)
        process.kill()
        await asyncio.wait_for(posting, 30)
        await asyncio.gather(*(listener.until_ended() for listener in listeners))
        await asyncio.gather(*(listener.drop() for listener in listeners))
    finally:
        posting.cancel()


@pytest.mark.tools
async def test_listeners_of_a_server_that_is_killed_go_on_where_they_were(tmp_path: Path) -> None:
    assert await kill_and_resume(tmp_path, rounds("KILLS", 2)) == NOTHING_LOST


# Where to begin can't be proved to follow what was told before.


async def after(server: Server, guest: Guest, place: Place, cursor: str) -> Listener:
    """Listen after a cursor, let a talk be posted, and give the listener once it was told of, or the end."""
    async with Listener(server.url, guest.token, place.house_id, cursor, RESYNC) as listener:
        await listener.until(lambda: bool(listener.told) or listener.end is not None)
        if listener.end is None:
            await say(server.chat, guest.viewer, place.room, "after")
            await listener.until(lambda: listener.told[-1].kind == "TalkPosted")
    return listener


RESYNC = HOUSE.replace("cursor", "cursor ... on Resync { reason }", 1)


@pytest.fixture
async def guest(server: Server) -> Guest:
    return (await make_guests(server.chat, 1))[0]


@pytest.fixture
async def place(server: Server, guest: Guest) -> Place:
    return await make_place(server.chat, guest.viewer)


async def change(chat: Chat, *statements) -> None:
    async def run(db: Connection) -> None:
        for statement in statements:
            await db.execute(statement)

    await chat.database.write(run)


def rows(place: Place):
    """Select the rows of a house's journal."""
    return tables.journal.c.house_id == place.house


def expect_resync(listener: Listener, reason: str, seq: int) -> None:
    """A resync comes first, at the head; what follows it is told."""
    kinds = [(one.seq, one.kind) for one in listener.told]
    assert kinds == [(seq, "Resync"), (seq + 1, "TalkPosted")]
    assert listener.told[0].data["reason"] == reason


async def test_a_cursor_of_another_house_is_answered_by_a_resync(
    server: Server, guest: Guest, place: Place
) -> None:
    other = await make_place(server.chat, guest.viewer)
    foreign = cursor(f"journal/{other.house}", 1)
    expect_resync(await after(server, guest, place, foreign), "FOREIGN_CURSOR", 2)


async def test_a_cursor_that_the_journal_never_came_to_is_answered_by_a_resync(
    server: Server, guest: Guest, place: Place
) -> None:
    future = cursor(f"journal/{place.house}", 1000)
    expect_resync(await after(server, guest, place, future), "UNKNOWN_CURSOR", 2)


@pytest.mark.parametrize("seq", [1, 2, 4], ids=["the oldest", "one in the middle", "the newest"])
async def test_a_journal_with_a_hole_after_the_cursor_is_answered_by_a_resync(
    server: Server, guest: Guest, place: Place, seq: int
) -> None:
    for _ in range(2):
        await say(server.chat, guest.viewer, place.room)
    await change(server.chat, delete(tables.journal).where(rows(place), tables.journal.c.seq == seq))
    listener = await after(server, guest, place, cursor(f"journal/{place.house}", 1))
    assert [one.kind for one in listener.told].count("Resync") == 1
    assert listener.in_order
    assert listener.told[-1].seq == 5


async def test_a_cursor_older_than_the_journal_is_answered_by_a_resync(
    make_settings: Callable[..., Settings],
) -> None:
    settings = make_settings(journal_days=1)
    async with running(settings) as server:
        [guest] = await make_guests(server.chat, 1)
        place = await make_place(server.chat, guest.viewer)
        await say(server.chat, guest.viewer, place.room)
        old = (await read_journal(server.chat, place.house))[0].time.replace(year=2020)
        await change(server.chat, update(tables.journal).where(rows(place)).values(time=old))
    async with running(settings) as server:  # cleans when it starts
        while await read_journal(server.chat, place.house):
            pass
        listener = await after(server, guest, place, cursor(f"journal/{place.house}", 2))
        expect_resync(listener, "EXPIRED", 3)


NO_CURSORS = {
    "nothing": "",
    "noise": "x",
    "a number": "12",
    "a list's": cursor("talks/1", 5),
    "another list's": cursor("rooms/1", 5),
    "an id": global_id("House", 1),
    "no house's": cursor("journal", 5),
    "an endless number": cursor("journal/" + "9" * 5000, 5),
}


async def test_what_is_no_cursor_of_a_journal_is_refused(server: Server, guest: Guest, place: Place) -> None:
    for name, sent in NO_CURSORS.items():
        listener = await after(server, guest, place, sent)
        [error] = listener.errors
        told = error["extensions"]["code"], error["extensions"].get("field"), listener.told
        assert told == ("BAD_USER_INPUT", "after", []), name
