"""The database: a few connections that read, one that writes, and what SQLite has to be told on each."""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, InterfaceError, OperationalError

from chatgraph.errors import Unavailable
from chatgraph.store import migrations
from chatgraph.store.connections import BUSY_SECONDS, Connection
from chatgraph.store.readers import Readers
from chatgraph.store.writer import Writer

# Before it, a connection that checkpoints while another commits can lose that commit. Here one connection does both.
FIRST_SQLITE_WITHOUT_WAL_RESET_BUG = (3, 51, 3)

log = structlog.get_logger()


class Database:
    """
    One SQLite file: `reading()` gives a connection on one snapshot, `writer` makes changes durable.

    *url* is `sqlite+aiosqlite:///FILE`. Raises `ValueError` for any other. Not *alone*, it leaves every checkpoint
    to the server that may be running on the same file.
    """

    def __init__(self, url: str, readers: int = 4, *, alone: bool = True) -> None:
        self.path = sqlite_path(url)
        self._url, self._alone = url, alone
        self.readers = Readers(self._connect_reader, readers)
        self.writer = Writer(self._connect_writer)

    async def open(self) -> None:
        """Bring the tables up to date, then begin to write."""
        await self.migrate()
        await self.writer.start()

    async def migrate(self) -> None:
        """Bring the tables up to date. Raises `ValueError` for a file that can't be used, or that is newer than this."""
        try:
            _create_private(self.path)
            await self._upgrade()
        except (DatabaseError, sqlite3.DatabaseError, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) else getattr(error, "orig", error)
            raise ValueError(f"{self.path} can't be used as the database: {reason}.") from error

    async def _upgrade(self) -> None:
        """Migrate; while another server switches the same new file to WAL, SQLite says busy at once: wait for it."""
        deadline = asyncio.get_running_loop().time() + BUSY_SECONDS
        while True:
            try:
                await self._upgrade_once()
            except (sqlite3.OperationalError, OperationalError) as error:
                if "locked" not in str(error) or asyncio.get_running_loop().time() > deadline:
                    raise
                await asyncio.sleep(0.05)
            else:
                return

    async def _upgrade_once(self) -> None:
        db = await self._connect_writer()
        try:
            await db.begin_writing()
            await db.run_sync(migrations.upgrade)
            await db.commit()
        finally:
            await db.close()

    async def close(self) -> None:
        """Finish what waits to be written and let go of the file; the writer goes last, so that it checkpoints."""
        await self.writer.stop()
        await self.readers.close()
        await self.writer.close()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """Give a connection that reads one snapshot for as long as it is held. Raises `Unavailable`."""
        with telling_unavailable:
            db = await self.readers.take()
            try:
                yield db
            finally:
                self.readers.give_back(db)

    async def _connect_reader(self) -> Connection:
        pragmas = {"busy_timeout": "5000", "query_only": "ON", "wal_autocheckpoint": "0"}
        return await Connection.open(self._url, pragmas, reads=True)

    async def _connect_writer(self) -> Connection:
        pragmas = {
            "busy_timeout": "0",  # `begin_writing` waits, without holding up the event loop
            "journal_mode": "WAL",
            "synchronous": "FULL",
            "wal_autocheckpoint": "1000" if self._alone else "0",
        }
        return await Connection.open(self._url, pragmas, reads=False)


class _TellingUnavailable:
    """Raises `Unavailable` for what a database raises that is busy, full or gone; it is logged, without parameters."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: Any, error: BaseException | None, __: Any) -> None:
        if isinstance(
            error, (OperationalError, InterfaceError, sqlite3.OperationalError, sqlite3.InterfaceError)
        ):
            log.error("the database can't be read", error=str(error))
            raise Unavailable("The database can't be read now.") from error


telling_unavailable = _TellingUnavailable()


def sqlite_path(url: str) -> Path:
    """Give the file that a database address names. Raises `ValueError` where it isn't a SQLite file."""
    try:
        address = make_url(url)
    except ArgumentError:
        address = None
    if (
        address is None
        or address.drivername != "sqlite+aiosqlite"
        or address.database in {None, "", ":memory:"}
    ):
        shown = repr(url) if address is None else str(address)
        raise ValueError(
            f"The database address must look like sqlite+aiosqlite:///chatgraph.db; this is {shown}."
        )
    return Path(address.database or "")


def _create_private(path: Path) -> None:
    """Make the file readable by its owner alone, before there is anything in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
