"""A database that is moved out of, or into, while no server is connected."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from chatgraph.store.moving.ends import NUMBERED, End
from chatgraph.store.postgres.connections import APPLICATION, PostgresConnection
from chatgraph.store.postgres.holding import MIGRATION, MOVE, Hold
from chatgraph.store.tables import metadata

OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = $1 AND pid <> pg_backend_pid()
"""
LOCKED = "55P03"
TABLES = "SELECT string_agg(quote_ident(name), ', ') FROM unnest($1::text[]) name WHERE to_regclass(name) IS NOT NULL"


class PostgresEnd(End):
    """A database to which no server is connected."""

    holds: Sequence[Any] = (Hold(MIGRATION),)

    async def last_ids(self) -> dict[str, int]:
        """Give the id that each table handed out last, or lost to a transaction that failed."""
        return {name: await self._last_id(name) for name in NUMBERED}

    async def _last_id(self, name: str) -> int:
        sequence = await self._sequence(name)
        found = await self.db.execute(text(f"SELECT last_value, is_called FROM {sequence}"))  # noqa: S608
        last, is_called = found.one()
        return last if is_called else last - 1

    async def go_on_after(self, ids: Mapping[str, int]) -> None:
        """Have each table hand out the ids after these."""
        for name, last in ids.items():
            await self.db.execute(
                text("SELECT setval(CAST(:sequence AS regclass), :next, false)"),
                {"sequence": await self._sequence(name), "next": last + 1},
            )

    async def finish(self) -> None:
        """Have statements planned by what is there now."""
        await self.db.execute(text("ANALYZE"))

    async def _sequence(self, name: str) -> str:
        found = await self.db.execute(text("SELECT pg_get_serial_sequence(:name, 'id')"), {"name": name})
        return found.scalar_one()


@asynccontextmanager
async def moving_out(name: str, db: PostgresConnection) -> AsyncIterator[PostgresEnd]:
    """Read one snapshot of a database to which nobody can write. Raises `ValueError` while a server is connected."""
    await _require_alone(name, db)
    tables = await db.ask(TABLES, list(metadata.tables))
    await db.execute(text("SET lock_timeout = '10s'"))
    await db.execute(text("BEGIN ISOLATION LEVEL REPEATABLE READ"))
    try:
        if tables:
            await db.execute(text(f"LOCK TABLE {tables} IN SHARE MODE"))
        yield PostgresEnd(name, db)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != LOCKED:
            raise
        raise ValueError(f"{name} is in use: somebody writes to it, and doesn't end.") from error
    finally:
        db.end()


@asynccontextmanager
async def moving_in(name: str, db: PostgresConnection) -> AsyncIterator[PostgresEnd]:
    """Write to a database while no other move does. Raises `ValueError` while a server is connected."""
    await _require_alone(name, db)
    yield PostgresEnd(name, db)


async def _require_alone(name: str, db: PostgresConnection) -> None:
    free = await db.ask(f"SELECT pg_try_advisory_lock({MOVE})")
    others = await db.ask(OTHERS, APPLICATION)
    if others or not free:
        raise ValueError(
            f"{name} is in use, by {others} connections of chatgraph's: stop the servers on it first."
        )
