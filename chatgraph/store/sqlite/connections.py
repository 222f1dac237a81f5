"""Connections to the SQLite file: what is asked often runs on the event loop, everything else in a thread."""

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from functools import cache
from typing import Any

import aiosqlite
from sqlalchemy import Executable, event
from sqlalchemy.engine import CursorResult, Dialect, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from chatgraph.store.connections import Rows, TransactionalConnection, Values
from chatgraph.store.prepared import Prepared
from chatgraph.store.sqlite.spelling import Spelling

# A prepared read that takes more than so many steps of SQLite's machine, some milliseconds, moves to the thread.
STEPS_A_TICK, MOST_TICKS = 20_000, 15
BUSY_SECONDS = 5.0


# Which address is connected to, and what makes the connection.
_WANTED: ContextVar[tuple[str, Callable[..., sqlite3.Connection]]] = ContextVar("wanted")


@cache
def _engine() -> AsyncEngine:
    """Give what opens all connections, whichever file they lead to: so they share the statements that it has compiled."""
    engine = create_async_engine(
        "sqlite+aiosqlite://",
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",  # transactions are begun and ended here
        hide_parameters=True,
    )

    def find_file(dialect: Dialect, _: Any, given: list[Any], named: dict[str, Any]) -> None:
        url, connect = _WANTED.get()
        given[:], options = dialect.create_connect_args(make_url(url))
        named.update(options, isolation_level=None, check_same_thread=False, factory=connect)

    event.listen(engine.sync_engine, "do_connect", find_file)
    return engine


class SqliteConnection(TransactionalConnection):
    """
    A connection to the file.

    `fetch` runs a prepared statement at once, on the event loop: for a page or a post, a hop to a thread and back
    costs more than SQLite does. A read that turns out to take long is begun again in the connection's own thread,
    where `execute` runs all other statements.
    """

    def __init__(
        self, away: AsyncConnection, driver: aiosqlite.Connection, raw: sqlite3.Connection, *, reads: bool
    ) -> None:
        self._away, self._driver, self._raw, self._reads = away, driver, raw, reads
        self._ticks: int | None = None
        self.usable = True

    @classmethod
    async def open(cls, url: str, pragmas: Mapping[str, str], *, reads: bool) -> "SqliteConnection":
        """Connect to the file of a database address, and tell SQLite what it has to know."""
        opened: list[sqlite3.Connection] = []

        def connect(*given: Any, **named: Any) -> sqlite3.Connection:
            opened.append(sqlite3.Connection(*given, **named))
            return opened[-1]

        _WANTED.set((url, connect))
        away = await _engine().connect()
        driver: Any = (await away.get_raw_connection()).driver_connection
        connection = cls(away, driver, opened[-1], reads=reads)
        try:
            for name, value in {"foreign_keys": "ON", **pragmas}.items():
                opened[-1].execute(f"PRAGMA {name}={value}").close()
        except BaseException:
            await connection.close()
            raise
        if reads:
            opened[-1].set_progress_handler(connection._tick, STEPS_A_TICK)
        return connection

    async def fetch(self, statement: Prepared, values: Values) -> Rows:
        """Run a prepared statement and give all its rows."""
        spelling = statement.spelled(Spelling)
        text, given = spelling.write(values)
        self._ticks = 0
        try:
            rows = self._raw.execute(text, given).fetchall()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                self.usable = not self._reads  # the writer undoes what failed
                raise
            self._ticks = None
            found = await self._leave(self._away.exec_driver_sql(text, tuple(given)))
            rows = [tuple(row) for row in found]
        finally:
            self._ticks = None
        return spelling.read(rows)

    async def execute(self, statement: Executable, values: Any = None) -> CursorResult[*tuple[Any, ...]]:
        """Run any statement in the connection's thread."""
        return await self._leave(self._away.execute(statement, values))

    async def run_sync(self, work: Any) -> Any:
        """Call what works with a connection of SQLAlchemy's that waits, as migrations do."""
        return await self._leave(self._away.run_sync(work))

    def begin(self) -> None:
        """Begin to read; the snapshot is taken with the first row that is read."""
        self._raw.execute("BEGIN")

    async def begin_writing(self, holds: Sequence[Any] = ()) -> None:
        """Begin to write, once nobody else does, whatever is held. Raises `sqlite3.OperationalError` after 5 s of waiting."""
        pause, deadline = 0.001, asyncio.get_running_loop().time() + BUSY_SECONDS
        while True:
            try:
                self._raw.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
                if not busy or asyncio.get_running_loop().time() > deadline:
                    raise
                await asyncio.sleep(pause)
                pause = min(2 * pause, 0.05)
            else:
                return

    @property
    def changes(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        """How many rows this connection has written, ever."""
        return self._raw.total_changes

    async def save(self) -> None:
        """Set the point to which `undo` goes back."""
        self._raw.execute("SAVEPOINT change")

    async def keep(self) -> None:
        """Keep what was changed since `save`, as far as the transaction is kept."""
        self._raw.execute("RELEASE change")

    async def undo(self) -> None:
        """Undo what was changed since `save`."""
        self._raw.execute("ROLLBACK TO change")
        self._raw.execute("RELEASE change")

    async def commit(self) -> None:
        """Make what was changed durable; the disk is waited for in the thread."""
        await self._leave(self._driver.commit())

    def end(self) -> None:
        """End the transaction, keeping nothing."""
        self._raw.rollback()

    async def close(self) -> None:
        """Let go of the file, breaking off what may still run."""
        if not self.usable:
            self._raw.interrupt()
        await self._away.close()

    async def _leave(self, doing: Any) -> Any:
        """Wait for what runs in the thread. One that nobody waits for any more may go on there."""
        self.usable = False
        try:
            result = await doing
        except Exception:
            self.usable = not self._reads  # the writer undoes what failed
            raise
        self.usable = True
        return result

    def _tick(self) -> bool:
        """Tell SQLite to break off what takes too long on the event loop."""
        if self._ticks is None:
            return False
        self._ticks += 1
        return self._ticks > MOST_TICKS
