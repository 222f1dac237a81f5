"""Who comes in the turn of the event loop in which a snapshot was begun reads on in it; nobody else does."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select

from chatgraph.errors import Unavailable
from chatgraph.store import tables
from chatgraph.store.connections import TransactionalConnection as Reader
from chatgraph.store.database import Database
from chatgraph.store.prepared import Prepared
from chatgraph.store.readers import Readers
from tests.outside import Outside
from tests.store.turns import turns_until

pytestmark = pytest.mark.sqlite  # PostgreSQL's answers take turns
NAMES = Prepared(select(tables.houses.c.name))
RENAME = "UPDATE houses SET name = 'Loom'"


@pytest.fixture(autouse=True)
def endless_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the other program takes, nobody else has to go first."""
    monkeypatch.setattr("chatgraph.store.readers.SECONDS_A_TURN", 60)


async def read(db: Reader) -> str:
    [(name,)] = await db.fetch(NAMES, {})
    return name


async def leave_snapshot(readers: Readers) -> Reader:
    """Read in a turn that has begun just now, and leave what was read through."""
    readers.give_back(await readers.take())  # now a connection is open, and nothing is left to wait for
    await asyncio.sleep(0)
    db = await readers.join()
    assert await read(db) == "Lobby"
    readers.give_back(db)
    return db


async def test_in_the_same_turn_one_reads_on_in_the_same_snapshot(
    database: Database, outside: Outside
) -> None:
    readers = database.readers
    left = await leave_snapshot(readers)
    outside.run(RENAME)
    db = await readers.join()
    assert db is left
    assert await read(db) == "Lobby"
    readers.give_back(db)


async def test_in_the_next_turn_one_reads_what_was_committed_since(
    database: Database, outside: Outside
) -> None:
    await leave_snapshot(database.readers)
    outside.run(RENAME)
    await asyncio.sleep(0)
    db = await database.readers.join()
    assert await read(db) == "Loom"
    database.readers.give_back(db)


async def test_a_snapshot_that_was_held_into_another_turn_is_not_read_on(
    database: Database, outside: Outside
) -> None:
    readers = database.readers
    await leave_snapshot(readers)
    db = await readers.join()
    await asyncio.sleep(0)
    outside.run(RENAME)
    assert await read(db) == "Lobby"
    readers.give_back(db)
    db = await readers.join()
    assert await read(db) == "Loom"
    readers.give_back(db)


async def test_who_learnt_of_a_commit_by_themselves_takes_a_snapshot_of_their_own(
    database: Database, outside: Outside
) -> None:
    readers = database.readers
    for db in [await readers.take(), await readers.take()]:
        readers.give_back(db)  # now there are two, and nobody has to wait for the second
    await leave_snapshot(readers)
    held = await readers.join()
    outside.run(RENAME)
    async with database.reading() as db:
        assert await db.fetch(NAMES, {}) == [("Loom",)]
    readers.give_back(held)
    # They may have told of it: who comes after them sees it too.
    later = await readers.join()
    assert await read(later) == "Loom"
    readers.give_back(later)


async def test_a_snapshot_is_read_by_one_at_a_time(database: Database) -> None:
    readers = database.readers
    left = await leave_snapshot(readers)
    first, second = await readers.join(), await readers.join()
    assert first is left
    assert second is not left
    assert readers.in_use == 2
    readers.give_back(first)
    readers.give_back(second)
    assert readers.in_use == 0


async def test_no_more_connections_than_allowed_are_left_and_taken(database: Database) -> None:
    readers = database.readers
    readers.patience = 0.01
    for _ in range(3):
        taken = [await readers.join() for _ in range(readers.most)]
        with pytest.raises(Unavailable, match="Too many"):
            await readers.join()
        for db in taken:
            readers.give_back(db)
        own = [await readers.take() for _ in range(readers.most)]
        assert {*own} == {*taken}
        with pytest.raises(Unavailable, match="Too many"):
            await readers.take()
        for db in own:
            readers.give_back(db)


async def test_what_was_left_is_free_for_all_once_the_turn_ends(database: Database) -> None:
    readers = database.readers
    for _ in range(3):
        taken = [await readers.take() for _ in range(readers.most)]
        waiting = asyncio.create_task(readers.take())
        for db in taken:
            readers.give_back(db)
        readers.give_back(await waiting)
    assert readers.in_use == 0


@pytest.mark.parametrize("take", [Readers.join, Readers.take])
async def test_whoever_reads_in_a_loop_lets_others_go_on(
    database: Database, monkeypatch: pytest.MonkeyPatch, take: Callable[[Readers], Awaitable[Reader]]
) -> None:
    monkeypatch.setattr("chatgraph.store.readers.SECONDS_A_TURN", 0)
    readers = database.readers
    await leave_snapshot(readers)

    async def go_on() -> None:
        for _ in range(20):
            db = await take(readers)
            await read(db)
            readers.give_back(db)

    assert await turns_until(asyncio.create_task(go_on())) >= 9


async def test_what_was_left_is_closed_with_all_others(database: Database) -> None:
    left = await leave_snapshot(database.readers)
    await database.readers.close()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        await read(left)


async def test_who_reads_at_the_end_is_waited_for(database: Database) -> None:
    readers = database.readers
    db = await readers.take()
    closing = asyncio.create_task(readers.close())
    assert await turns_until(asyncio.ensure_future(read(db))) > 0
    assert not closing.done()
    readers.give_back(db)
    await closing
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        await read(db)


async def test_who_reads_for_long_is_not_waited_for_and_closed_once_they_have(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatgraph.store.readers.LAST_SECONDS", 0)
    readers = database.readers
    db = await readers.take()
    await readers.close()
    assert await read(db) == "Lobby"
    readers.give_back(db)
    await asyncio.gather(*readers._closing)
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        await read(db)


async def test_what_broke_is_not_left_to_others(database: Database) -> None:
    readers = database.readers
    left = await leave_snapshot(readers)
    db = await readers.join()
    db.usable = False
    readers.give_back(db)
    another = await readers.join()
    assert another is not left
    assert await read(another) == "Lobby"
    readers.give_back(another)
