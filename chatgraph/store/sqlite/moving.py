"""A file that is moved out of, or into: nobody else can open it meanwhile."""

import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from chatgraph.store.moving.ends import NUMBERED, End
from chatgraph.store.sqlite.connections import SqliteConnection

# A file in WAL mode is opened so only if nobody else has it open, whether they write at the moment or not.
ALONE = {"busy_timeout": "0", "locking_mode": "EXCLUSIVE"}


class SqliteEnd(End):
    """A file that this process alone has open."""

    async def last_ids(self) -> dict[str, int]:
        """Give the id that each table handed out last."""
        kept = await self.db.execute(text("SELECT name, seq FROM sqlite_sequence"))
        return dict.fromkeys(NUMBERED, 0) | {name: seq for name, seq in kept if name in NUMBERED}

    async def go_on_after(self, ids: Mapping[str, int]) -> None:
        """Have each table hand out the ids after these."""
        for name, last in ids.items():
            await self.db.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": name})
            await self.db.execute(
                text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :seq)"),
                {"name": name, "seq": last},
            )

    async def finish(self) -> None:
        """Leave it at that: statements are planned without statistics."""


@asynccontextmanager
async def moving_out(url: str, path: Path) -> AsyncIterator[SqliteEnd]:
    """Hold a file, and read from it. Raises `ValueError` while anybody else has it open."""
    async with _held(url, path, ALONE) as end:
        yield end


@asynccontextmanager
async def moving_in(url: str, path: Path) -> AsyncIterator[SqliteEnd]:
    """Hold a file, and write to it. Raises `ValueError` while anybody else has it open."""
    async with _held(url, path, ALONE | {"journal_mode": "WAL", "synchronous": "FULL"}) as end:
        end.db.end()
        yield end


@asynccontextmanager
async def _held(url: str, path: Path, pragmas: Mapping[str, str]) -> AsyncIterator[SqliteEnd]:
    """Open a file that nobody else has open, in a transaction that keeps it so."""
    try:
        db = await SqliteConnection.open(url, pragmas, reads=False)
        try:
            await db.begin_writing()
        except BaseException:
            await db.close()
            raise
    except (sqlite3.DatabaseError, OperationalError) as error:
        if "locked" in str(error):
            raise ValueError(f"{path} is in use: stop the server that runs on it first.") from error
        raise ValueError(f"{path} can't be used as the database: {getattr(error, 'orig', error)}.") from error
    try:
        yield SqliteEnd(str(path), db)
    finally:
        db.end()
        await db.close()
