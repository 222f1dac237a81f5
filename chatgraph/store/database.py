"""The database: a few connections that read, one that writes, and what SQLite has to be told on each."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from chatgraph.errors import Unavailable
from chatgraph.store import migrations
from chatgraph.store.rows import Connection
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
        self._reading = _engine(
            url, readers, begin="BEGIN", pragmas={"query_only": "ON", "wal_autocheckpoint": "0"}
        )
        pragmas = {
            "journal_mode": "WAL",
            "synchronous": "FULL",
            "wal_autocheckpoint": "1000" if alone else "0",
        }
        self._writing = _engine(url, 1, begin="BEGIN IMMEDIATE", pragmas=pragmas)
        self.writer = Writer(self._writing)

    async def open(self) -> None:
        """Bring the tables up to date, then begin to write."""
        await self.migrate()
        self.writer.start()

    async def migrate(self) -> None:
        """Bring the tables up to date. Raises `ValueError` for a file that can't be used, or that is newer than this."""
        try:
            _create_private(self.path)
            await self._upgrade()
        except (DatabaseError, OSError) as error:
            reason = error.orig if isinstance(error, DatabaseError) else error.strerror
            raise ValueError(f"{self.path} can't be used as the database: {reason}.") from error

    async def _upgrade(self) -> None:
        """Migrate; while another server switches the same new file to WAL, SQLite says busy at once: wait for it."""
        deadline = asyncio.get_running_loop().time() + 5
        while True:
            try:
                async with self._writing.begin() as db:
                    await db.run_sync(migrations.upgrade)
            except OperationalError as error:
                if "locked" not in str(error.orig) or asyncio.get_running_loop().time() > deadline:
                    raise
                await asyncio.sleep(0.05)
            else:
                return

    async def close(self) -> None:
        """Finish what waits to be written and let go of the file; the writer goes last, so that it checkpoints."""
        await self.writer.stop()
        await self._reading.dispose()
        await self._writing.dispose()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """Give a connection that reads one snapshot for as long as it is held. Raises `Unavailable`."""
        with telling_unavailable():
            async with self._reading.connect() as db:
                yield db


@contextmanager
def telling_unavailable() -> Iterator[None]:
    """Raises `Unavailable` for what a database raises that is busy, full or gone; it is logged, without parameters."""
    try:
        yield
    except PoolTimeoutError:
        raise Unavailable("Too many queries are waiting to be read.") from None
    except (OperationalError, InterfaceError) as error:
        log.error("the database can't be read", error=str(error))
        raise Unavailable("The database can't be read now.") from error


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


def _engine(url: str, connections: int, begin: str, pragmas: dict[str, str]) -> AsyncEngine:
    engine = create_async_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=5,
        hide_parameters=True,
        connect_args={"isolation_level": None},
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        cursor = connection.cursor()
        for name, value in {"busy_timeout": "5000", "foreign_keys": "ON", **pragmas}.items():
            cursor.execute(f"PRAGMA {name}={value}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def start(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine
