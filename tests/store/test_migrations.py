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
from tests.outside import Outside

TABLES = {
    "alembic_version", "houses", "journal", "members", "refresh_tokens", "rooms", "sessions", "sqlite_sequence",
    "talks", "users", "bans", "mutes", "invites", "join_requests", "audit_entries", "counters", "sign_outs",
    "compatibility",
}  # fmt: skip


def tables(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as db:
        return {name for [name] in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


async def migrate(path: Path) -> None:
    database = database_at(f"sqlite+aiosqlite:///{path}")
    try:
        await database.migrate()
    finally:
        await database.close()


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
    await migrate(tmp_path / "migrated.db")
    engine = create_engine(f"sqlite:///{tmp_path / 'made.db'}")
    metadata.create_all(engine)
    engine.dispose()
    with (
        closing(sqlite3.connect(tmp_path / "made.db")) as made,
        closing(sqlite3.connect(tmp_path / "migrated.db")) as migrated,
    ):
        for table in TABLES - {"alembic_version", "sqlite_sequence"}:
            for what in ("foreign_key_list", "table_info"):
                rows = [
                    sorted(row[1:] for row in db.execute(f"PRAGMA {what}({table})"))
                    for db in (made, migrated)
                ]
                assert rows[0] == rows[1], (table, what)
            assert keys(made, table) == keys(migrated, table), table


@pytest.mark.sqlite
async def test_bringing_up_to_date_twice_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "chat.db"
    await migrate(path)
    before = path.read_bytes()
    await migrate(path)
    assert tables(path) == TABLES
    assert path.read_bytes() == before


@pytest.mark.sqlite
async def test_a_migration_that_fails_half_way_leaves_nothing_and_can_be_run_again(tmp_path: Path) -> None:
    path = tmp_path / "chat.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE rooms (in_the_way)")
    with pytest.raises((OperationalError, ValueError), match="rooms"):
        await migrate(path)
    assert tables(path) == {"rooms"}
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TABLE rooms")
    await migrate(path)
    assert tables(path) == TABLES


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

asyncio.run(database_at(f"sqlite+aiosqlite:///{sys.argv[1]}").migrate())
"""


@pytest.mark.sqlite
async def test_a_migration_that_is_killed_half_way_leaves_nothing_and_can_be_run_again(
    tmp_path: Path,
) -> None:
    path = tmp_path / "chat.db"
    killed = await asyncio.create_subprocess_exec(sys.executable, "-c", KILL_HALF_WAY, path)
    assert await killed.wait() == -signal.SIGKILL
    assert tables(path) == set()
    await migrate(path)
    assert tables(path) == TABLES


@pytest.mark.sqlite
async def test_a_database_that_is_newer_than_the_code_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "chat.db"
    await migrate(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("UPDATE alembic_version SET version_num = '9999'")
        db.execute("UPDATE compatibility SET oldest = '9998'")
    before = path.read_bytes()
    with pytest.raises(ValueError, match="newer chatgraph; upgrade chatgraph first"):
        await migrate(path)
    assert path.read_bytes() == before


async def test_the_newest_revision_is_the_one_that_is_written_down(
    database: Database, outside: Outside
) -> None:
    assert outside.run("SELECT version_num FROM alembic_version") == [(migrations.newest(),)]


async def test_a_new_server_has_one_public_house_without_members(outside: Outside) -> None:
    houses = outside.run("SELECT name, visibility, member_count, journal_seq, delete_time FROM houses")
    assert houses == [("Lobby", "public", 0, 0, None)]
    assert outside.run("SELECT count(*) FROM users") == [(0,)]
