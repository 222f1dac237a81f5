"""What runs on the event loop never keeps it for long."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import bindparam, column, select, text

from chatgraph.errors import Unavailable
from chatgraph.models import Visibility
from chatgraph.store import houses, journal, sessions, tables
from chatgraph.store.connections import Connection
from chatgraph.store.database import Database
from chatgraph.store.prepared import Prepared
from tests.outside import Outside
from tests.store.turns import turns_until

COUNT = Prepared(
    select(column("n")).select_from(
        text(
            "(WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < :most) SELECT max(n) n FROM c)"
        ).bindparams(bindparam("most"))
    )
)
ALL = Prepared(select(tables.houses.c.id))
LONG = 3_000_000


async def found(db: Connection) -> int:
    return await houses.add(db, "Engine", "", Visibility.PUBLIC, False, datetime.now(UTC))


@pytest.mark.sqlite
async def test_a_short_read_ends_in_the_turn_in_which_it_began(database: Database) -> None:
    async with database.reading() as db:
        assert await turns_until(asyncio.create_task(db.fetch(COUNT, {"most": 100}))) <= 1


@pytest.mark.sqlite
async def test_a_long_read_leaves_the_event_loop_and_gives_the_same(database: Database) -> None:
    async with database.reading() as db:
        reading = asyncio.create_task(db.fetch(COUNT, {"most": LONG}))
        assert await turns_until(reading) > 10
        assert reading.result() == [(LONG,)]


@pytest.mark.sqlite
async def test_a_long_read_goes_on_in_its_snapshot(database: Database) -> None:
    async with database.reading() as db:
        assert len(await db.fetch(ALL, {})) == 1
        await database.write(found)
        await db.fetch(COUNT, {"most": LONG})
        assert len(await db.fetch(ALL, {})) == 1


@pytest.mark.sqlite
async def test_a_connection_whose_read_nobody_waits_for_is_not_used_again(database: Database) -> None:
    async with database.reading() as db:
        reading = asyncio.create_task(db.fetch(COUNT, {"most": 100 * LONG}))
        await asyncio.sleep(0)  # it moves to the thread
        await asyncio.sleep(0)
        reading.cancel()
        await asyncio.wait([reading])
        assert reading.cancelled()
    async with database.reading() as another:
        assert another is not db
        assert await another.fetch(COUNT, {"most": 1}) == [(1,)]


async def test_a_write_waits_for_another_program_without_keeping_the_loop(
    database: Database, outside: Outside
) -> None:
    async with outside.writing():
        writing = asyncio.create_task(database.write(found))
        for _ in range(20):
            await asyncio.sleep(0)
        assert not writing.done()
    assert await writing > 1


@pytest.mark.sqlite
async def test_a_write_that_waits_too_long_is_told_and_nothing_of_it_is_kept(
    database: Database, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatgraph.store.sqlite.connections.BUSY_SECONDS", 0.01)
    async with outside.writing():
        with pytest.raises(Unavailable, match="nothing of it was kept"):
            await database.write(found)
    assert outside.names() == ["Lobby"]
    assert await database.write(found) > 1


async def test_as_many_sessions_and_houses_as_listen_can_be_asked_for_at_once(database: Database) -> None:
    async with database.reading() as db:
        assert await sessions.alive(db, range(100_000), datetime.now(UTC)) == set()
        assert await journal.heads(db, range(100_000)) == {1: 0}
