"""Migrations: they make what the tables say, once, wholly or not at all."""

import asyncio
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import OperationalError

from chatgraph.store import migrations
from chatgraph.store.database import Database
from chatgraph.store.opening import database_at
from chatgraph.store.tables import metadata
from tests.databases import ON_SQLITE, file_of
from tests.outside import Outside

TABLES = {*metadata.tables, "alembic_version"}
LISTED = "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'sqlite_sequence'"
if not ON_SQLITE:
    LISTED = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"


def tables(url: str) -> set[str]:
    return {name for [name] in Outside(url).run(LISTED)}


async def migrate(url: str) -> None:
    database = database_at(url)
    try:
        await database.migrate()
    finally:
        await database.close()


@pytest.fixture
def bare(database_url: str) -> str:
    """The address of a database without any table."""
    if ON_SQLITE:
        file_of(database_url).unlink()
    else:
        Outside(database_url).run("DROP SCHEMA public CASCADE")
        Outside(database_url).run("CREATE SCHEMA public")
    return database_url


async def test_the_migrations_make_what_the_tables_say(database: Database) -> None:
    def compare(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        return list(compare_metadata(context, metadata))

    db = await database.readers.take()
    assert await db.run_sync(compare) == []
    database.readers.give_back(db)


def keys(db: sqlite3.Connection, table: str) -> set[tuple[object, ...]]:
    """Give the indexes of a table: whether they are unique, and their columns."""
    indexes = db.execute(f"PRAGMA index_list({table})").fetchall()
    return {
        (unique, partial, *(column for _, _, column in db.execute(f"PRAGMA index_info({name})")))
        for _, name, unique, _, partial in indexes
    }


@pytest.mark.sqlite
async def test_what_they_make_has_the_columns_keys_and_references_of_the_tables(tmp_path: Path) -> None:
    await migrate(f"sqlite+aiosqlite:///{tmp_path / 'migrated.db'}")
    engine = create_engine(f"sqlite:///{tmp_path / 'made.db'}")
    metadata.create_all(engine)
    engine.dispose()
    with (
        closing(sqlite3.connect(tmp_path / "made.db")) as made,
        closing(sqlite3.connect(tmp_path / "migrated.db")) as migrated,
    ):
        for table in metadata.tables:
            for what in ("foreign_key_list", "table_info"):
                rows = [
                    sorted(row[1:] for row in db.execute(f"PRAGMA {what}({table})"))
                    for db in (made, migrated)
                ]
                assert rows[0] == rows[1], (table, what)
            assert keys(made, table) == keys(migrated, table), table


@pytest.mark.sqlite
async def test_bringing_up_to_date_twice_changes_nothing(bare: str) -> None:
    await migrate(bare)
    before = file_of(bare).read_bytes()
    await migrate(bare)
    assert tables(bare) == TABLES
    assert file_of(bare).read_bytes() == before


async def test_a_migration_that_fails_half_way_leaves_nothing_and_can_be_run_again(bare: str) -> None:
    Outside(bare).run("CREATE TABLE rooms (in_the_way INTEGER)")
    with pytest.raises((OperationalError, ValueError), match="rooms"):
        await migrate(bare)
    assert tables(bare) == {"rooms"}
    Outside(bare).run("DROP TABLE rooms")
    await migrate(bare)
    assert tables(bare) == TABLES


KILL_HALF_WAY = """
import asyncio, os, signal, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
from chatgraph.store.database import Database
from chatgraph.store.opening import database_at

@event.listens_for(Engine, "before_cursor_execute")
def kill(connection, cursor, statement, *_):
    if "CREATE TABLE rooms" in statement:
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(database_at(sys.argv[1]).migrate())
"""


async def test_a_migration_that_is_killed_half_way_leaves_nothing_and_can_be_run_again(bare: str) -> None:
    killed = await asyncio.create_subprocess_exec(sys.executable, "-c", KILL_HALF_WAY, bare)
    assert await killed.wait() == -signal.SIGKILL
    assert tables(bare) == set()
    await migrate(bare)
    assert tables(bare) == TABLES


async def test_a_database_that_is_newer_than_the_code_is_refused_and_left_as_it_is(database_url: str) -> None:
    outside = Outside(database_url)
    outside.run("UPDATE alembic_version SET version_num = '9999'")
    outside.run("UPDATE compatibility SET oldest = '9998'")
    before = outside.everything()
    with pytest.raises(ValueError, match="newer chatgraph; upgrade chatgraph first"):
        await migrate(database_url)
    assert outside.everything() == before
    assert outside.run("SELECT version_num FROM alembic_version") == [("9999",)]


async def test_the_newest_revision_is_the_one_that_is_written_down(
    database: Database, outside: Outside
) -> None:
    assert outside.run("SELECT version_num FROM alembic_version") == [(migrations.newest(),)]


async def test_a_new_server_has_one_public_house_without_members(outside: Outside) -> None:
    houses = outside.run("SELECT name, visibility, member_count, journal_seq, delete_time FROM houses")
    assert houses == [("Lobby", "public", 0, 0, None)]
    assert outside.run("SELECT count(*) FROM users") == [(0,)]
