"""Sessions of PostgreSQL: which can be used again, and when a transaction begins and ends."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from chatgraph.errors import Unavailable
from chatgraph.store import tables
from chatgraph.store.attempts import OutcomeUnknown
from chatgraph.store.connections import Connection
from chatgraph.store.database import Database
from chatgraph.store.failures import Failure, failure_of
from chatgraph.store.postgres.connections import PostgresConnection
from chatgraph.store.prepared import Prepared
from chatgraph.store.rows import among, one
from tests.live.wires import until
from tests.outside import Outside
from tests.store.test_writer import founding

pytestmark = pytest.mark.postgresql

NAP = Prepared(select(func.pg_sleep(one("seconds"))))
NAMES = Prepared(select(tables.houses.c.name).order_by(tables.houses.c.id))
SESSION = Prepared(select(func.pg_backend_pid()))
NAMED = Prepared(select(tables.houses.c.name).where(tables.houses.c.id.in_(among("ids"))))


@pytest.fixture
async def session(database: Database) -> AsyncIterator[PostgresConnection]:
    """A connection that writes."""
    session: Any = await database.writer._lanes[0]._connect()
    yield session
    await session.close()


async def pid_of(db: Connection) -> int:
    return (await db.fetch(SESSION, {}))[0][0]


def under_way(outside: Outside, pid: int) -> bool:
    """Tell whether a session is in a transaction."""
    [(state,)] = outside.run(f"SELECT state FROM pg_stat_activity WHERE pid = {pid}")
    return state.startswith("idle in transaction")


def end(outside: Outside, pid: int) -> None:
    """End a session from outside."""
    outside.run(f"SELECT pg_terminate_backend({pid}, 5000)")


async def test_a_session_whose_read_nobody_waits_for_is_not_used_again(database: Database) -> None:
    async with database.reading() as db:
        reading = asyncio.create_task(db.fetch(NAP, {"seconds": 60}))
        await asyncio.sleep(0.05)  # it is asked
        reading.cancel()
        await asyncio.wait([reading])
        assert reading.cancelled()
    async with database.reading() as another:
        assert another is not db
        assert await another.fetch(NAMES, {}) == [("Lobby",)]


async def test_a_session_whose_read_failed_is_used_again(database: Database) -> None:
    async with database.reading() as db:
        pid = await pid_of(db)
        with pytest.raises(DBAPIError, match="division by zero"):
            await db.execute(text("SELECT 1 / 0"))
    async with database.reading() as again:
        assert (again, await pid_of(again)) == (db, pid)


async def test_a_transaction_begins_with_the_first_read_and_ends_before_the_next(
    database: Database, outside: Outside
) -> None:
    async with database.reading() as db:
        pid = await pid_of(db)
        assert under_way(outside, pid)
    async with database.reading() as again:
        assert again is db
        await until(lambda: not under_way(outside, pid))
        await database.write(founding("Engine"))
        assert await again.fetch(NAMES, {}) == [("Lobby",), ("Engine",)]


async def test_readers_cannot_write_and_their_session_stays(database: Database, outside: Outside) -> None:
    with pytest.raises(Unavailable):
        async with database.reading() as db:
            await founding("Ruin")(db)
    assert outside.names() == ["Lobby"]
    async with database.reading() as again:
        assert await again.fetch(NAMES, {}) == [("Lobby",)]


@pytest.mark.parametrize("ids", [[], [1], [1, 2**62]])
async def test_a_list_may_be_empty_or_hold_any_id(database: Database, ids: list[int]) -> None:
    async with database.reading() as db:
        assert await db.fetch(NAMED, {"ids": ids}) == [("Lobby",)] * (1 in ids)


async def test_a_commit_of_what_has_failed_already_is_no_success(session: PostgresConnection) -> None:
    await session.begin_writing()
    with pytest.raises(Exception, match="division by zero"):
        await session.ask("SELECT 1 / 0")
    with pytest.raises(RuntimeError, match="ROLLBACK"):
        await session.commit()


async def test_a_session_that_is_lost_before_the_commit_is_known_to_be_lost(
    session: PostgresConnection, outside: Outside
) -> None:
    await session.begin_writing()
    await founding("Ruin")(session)
    end(outside, await session.ask("SELECT pg_backend_pid()"))
    with pytest.raises(Exception) as lost:  # noqa: PT011 -- what it is, is asked for
        await session.ask("SELECT 1")
    assert failure_of(lost.value) is Failure.LOST
    assert not session.usable


async def test_of_what_is_lost_in_the_commit_nobody_knows_how_it_ended(
    session: PostgresConnection, outside: Outside
) -> None:
    await session.begin_writing()
    await founding("Ruin")(session)
    end(outside, await session.ask("SELECT pg_backend_pid()"))
    with pytest.raises(OutcomeUnknown):
        await session.commit()


async def test_a_commit_is_durable_whatever_the_database_was_told(
    database: Database, outside: Outside
) -> None:
    [(name,)] = outside.run("SELECT current_database()")
    outside.run(f"ALTER DATABASE {name} SET synchronous_commit = off")
    session: Any = await database.writer._lanes[0]._connect()
    assert await session.ask("SHOW synchronous_commit") == "on"
    await session.close()


async def test_a_session_is_used_again_also_while_its_last_transaction_is_being_ended(
    database: Database,
) -> None:
    pids = []
    for _ in range(3):
        async with database.reading() as db:
            pids.append(await pid_of(db))
        await asyncio.sleep(0)  # it is asked to end
    assert len(set(pids)) == 1


async def test_a_session_that_was_lost_while_nobody_used_it_is_not_given_to_who_comes_next(
    database: Database, outside: Outside
) -> None:
    db = await database.readers.take()
    pid = await pid_of(db)
    database.readers.give_back(db)
    end(outside, pid)
    await until(lambda: not db.usable)
    async with database.reading() as another:
        assert await pid_of(another) != pid
