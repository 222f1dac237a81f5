"""The database: its file, its connections and their snapshots."""

import asyncio
import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from chatgraph.errors import Unavailable
from chatgraph.models import Look, Visibility, Window
from chatgraph.store import houses
from chatgraph.store.database import Database
from chatgraph.store.opening import database_at
from chatgraph.store.rows import Connection
from chatgraph.store.sqlite.database import SqliteDatabase
from tests.outside import Outside

ALL = Window(50)
SOMEBODY = Look(1, datetime.now(UTC))


async def found(db: Connection) -> None:
    await houses.add(db, "Engine", "", Visibility.PUBLIC, False, datetime.now(UTC))


async def pragma(db: Connection, name: str) -> object:
    return (await db.execute(text(f"PRAGMA {name}"))).scalar_one()


@pytest.mark.sqlite
@pytest.mark.parametrize("_", range(3))
async def test_servers_that_start_at_the_same_time_on_a_new_file_all_come_up(tmp_path: Path, _: int) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'new.db'}"
    databases = [database_at(url) for _ in range(4)]
    try:
        await asyncio.gather(*(database.open() for database in databases))
        await asyncio.gather(*(database.write(found) for database in databases))
        for database in databases:
            async with database.reading() as db:
                listed = [house.name for house in (await houses.page(db, SOMEBODY, ALL)).items]
            assert listed == ["Lobby", *["Engine"] * 4]
    finally:
        for database in databases:
            await database.close()


@pytest.mark.sqlite
async def test_the_writer_waits_for_the_disk_and_keeps_a_log_beside_the_file(database: Database) -> None:
    async def look(db: Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "wal_autocheckpoint")
        return [await pragma(db, name) for name in names]

    assert await database.write(look) == ["wal", 2, 1, 1000]


@pytest.mark.sqlite
async def test_readers_leave_checkpoints_to_the_writer(database: Database) -> None:
    async with database.reading() as db:
        names = ("journal_mode", "query_only", "busy_timeout", "wal_autocheckpoint")
        assert [await pragma(db, name) for name in names] == ["wal", 1, 5000, 0]


@pytest.mark.sqlite
async def test_who_works_beside_a_server_leaves_checkpoints_to_it(
    database: Database, database_url: str
) -> None:
    async def look(db: Connection) -> object:
        return await pragma(db, "wal_autocheckpoint")

    beside = database_at(database_url, alone=False)
    await beside.open()
    assert await beside.writer.write(look) == 0
    await beside.close()


async def test_readers_cannot_write(database: Database, outside: Outside) -> None:
    with pytest.raises(Unavailable):
        async with database.reading() as db:
            await found(db)
    assert outside.names() == ["Lobby"]


async def test_a_snapshot_does_not_see_later_commits(database: Database) -> None:
    async def look(db: Connection) -> int:
        return len((await houses.page(db, SOMEBODY, ALL)).items)

    async with database.reading() as before:
        assert await look(before) == 1
        await database.write(found)
        async with database.reading() as after:
            assert await look(after) == 2
        assert await look(before) == 1


async def test_a_snapshot_ends_with_its_reading(database: Database) -> None:
    for count in range(1, 4):
        async with database.reading() as db:
            assert len((await houses.page(db, SOMEBODY, ALL)).items) == count
        await database.write(found)


@pytest.fixture
def generous() -> Iterator[None]:
    """A umask that lets everybody read and write new files."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.sqlite
@pytest.mark.usefixtures("generous")
async def test_only_its_owner_may_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "new.db"
    database = database_at(f"sqlite+aiosqlite:///{path}")
    await database.open()
    await database.write(found)
    files = sorted(path.parent.iterdir())
    assert [file.name for file in files] == ["new.db", "new.db-shm", "new.db-wal"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    await database.close()
    assert [file.name for file in path.parent.iterdir()] == ["new.db"]


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///chat.db", "sqlite+aiosqlite://", "sqlite+aiosqlite:///:memory:", "mysql://localhost/chat",
        "postgresql://ada:secret@localhost/chat", "postgresql+asyncpg://ada:secret@localhost", "chat.db", "",
    ],
)  # fmt: skip
def test_an_address_that_is_no_sqlite_file_is_refused_with_one_that_is(url: str) -> None:
    with pytest.raises(ValueError, match=r"must look like sqlite\+aiosqlite:///chatgraph\.db") as refused:
        database_at(url)
    assert "secret" not in str(refused.value)


def test_an_address_has_three_slashes_before_a_relative_and_four_before_an_absolute_path() -> None:
    assert SqliteDatabase("sqlite+aiosqlite:///chat.db").path == Path("chat.db")
    assert SqliteDatabase("sqlite+aiosqlite:////var/chat.db").path == Path("/var/chat.db")
