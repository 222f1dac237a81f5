"""A PostgreSQL that answers late, or not at all: nothing is kept twice, and nobody waits for it for ever."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from chatgraph.errors import Unavailable
from chatgraph.store.connections import Connection
from chatgraph.store.database import Database
from chatgraph.store.places import At, Place
from chatgraph.store.postgres.connections import engine_to
from chatgraph.store.postgres.database import WRITES, PostgresDatabase
from tests.databases import url_of
from tests.live.wires import PATIENCE, until
from tests.outside import Outside
from tests.store.postgres.lines import Line, line_to
from tests.store.postgres.test_abreast import raise_seq
from tests.store.postgres.test_writer import pid_of
from tests.store.test_writer import Gate, founding

pytestmark = pytest.mark.postgresql

LOBBY = Place(At.HOUSE, 1)


@pytest.fixture
async def line(database: Database) -> AsyncIterator[Line]:
    async with line_to(url_of(database)) as line:
        yield line


@pytest.fixture
async def far(line: Line) -> AsyncIterator[PostgresDatabase]:
    """The same database, over the line."""
    far = PostgresDatabase(line.url)
    await far.open()
    yield far
    await far.close()


async def test_what_is_answered_too_late_is_written_once(line: Line, outside: Outside) -> None:
    far = PostgresDatabase(line.url)
    far._writing = engine_to(line.url, WRITES, answer_seconds=1)  # pyright: ignore[reportPrivateUsage]
    await far.open()
    pids: list[int] = []

    async def found(db: Connection) -> int:
        pids.append(await pid_of(db))
        await founding("Engine")(db)
        if len(pids) == 1:
            line.withhold()
        return await raise_seq(db)

    _, seq = await asyncio.gather(far.write(founding("before"), None, LOBBY), far.write(found, None, LOBBY))
    assert seq == 1
    assert len(set(pids)) == 2
    assert outside.names() == ["Lobby", "before", "Engine"]
    assert far.writer.written == 2
    await far.close()


async def test_a_session_in_a_transaction_begins_no_other(far: PostgresDatabase, outside: Outside) -> None:
    session = await far._connect_writer()  # pyright: ignore[reportPrivateUsage]
    await session.begin_writing()
    await founding("Ruin")(session)
    with pytest.raises(RuntimeError, match="in a transaction already"):
        await session.begin_writing()
    await session.close()
    assert outside.names() == ["Lobby"]


async def test_what_is_let_go_in_the_middle_of_a_statement_is_ended_by_the_server_too(
    far: PostgresDatabase, outside: Outside
) -> None:
    session = await far._connect_writer()  # pyright: ignore[reportPrivateUsage]
    pid = await pid_of(session)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await session.execute(text("SELECT pg_sleep(60)"))
    await asyncio.wait_for(session.close(), PATIENCE)
    await until(lambda: not outside.run(f"SELECT 1 FROM pg_stat_activity WHERE pid = {pid}"))


async def test_a_database_that_is_silent_is_let_go_and_who_waits_is_told(
    far: PostgresDatabase, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatgraph.store.database.STOP_SECONDS", 0.1)
    monkeypatch.setattr("chatgraph.store.postgres.connections.LEAVE_SECONDS", 0.1)
    async with far.reading() as db, far.reading() as another:
        assert await pid_of(db) != await pid_of(another)
    asked, waiting = asyncio.Event(), []

    async def ask(db: Connection) -> None:
        line.silence()
        asked.set()
        await pid_of(db)

    waiting = [asyncio.create_task(far.write(change, None, LOBBY)) for change in (ask, founding("Ruin"))]
    await asked.wait()
    waiting.append(asyncio.create_task(far.write(founding("Ruin"), None, LOBBY)))
    await asyncio.sleep(0)  # it waits for the next transaction
    await asyncio.wait_for(far.close(), PATIENCE)
    told = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(one) for one in told] == [Unavailable] * 3
    assert "may be kept or not" in str(told[0])
    assert "shutting down" in str(told[2])


async def test_what_is_stuck_elsewhere_keeps_nobody_from_settling(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatgraph.store.writer.SETTLE_SECONDS", 60)
    engine = await database.write(founding("Engine"))
    gate = Gate()
    stuck = asyncio.create_task(database.write(gate, None, LOBBY))
    await gate.reached.wait()
    await asyncio.wait_for(database.settle(engine), PATIENCE)
    gate.opened.set()
    await stuck
