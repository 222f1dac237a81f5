"""A database of PostgreSQL's: connections that read, and lanes that write."""

import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from chatgraph.store import migrations
from chatgraph.store.connections import TransactionalConnection
from chatgraph.store.database import Database
from chatgraph.store.moving.ends import End
from chatgraph.store.postgres.channel import Channel
from chatgraph.store.postgres.connections import DURABLE, PostgresConnection, engine_to
from chatgraph.store.postgres.holding import MIGRATION, Hold, Holding
from chatgraph.store.postgres.lanes import Lanes
from chatgraph.store.postgres.moving import moving_in, moving_out

OLDEST = 14
READERS, LANES, MOST_TOGETHER = 16, 4, 64
# So often what nobody told is looked for: who lost a right by it hears nothing more within a second.
LOOK_SECONDS = 0.5
# A transaction in which nothing happens holds up others: the server ends it.
READS = {"statement_timeout": "10s", "idle_in_transaction_session_timeout": "30s"}
WRITES = {"lock_timeout": "10s", "idle_in_transaction_session_timeout": "10s"}

Result = TypeVar("Result")


class PostgresDatabase(Database):
    """A database that many servers share, each with its own connections."""

    def __init__(self, url: URL, readers: int | None = None) -> None:
        super().__init__(readers or READERS)
        self._url = url
        self._reading, self._writing = engine_to(url, READS), engine_to(url, WRITES)
        self._version = ""
        self.writer = Lanes(self._connect_writer, Holding(self.reading), LANES, MOST_TOGETHER)

    @property
    def name(self) -> str:
        """The address without the password."""
        return self._url.render_as_string(hide_password=True)

    @property
    def about(self) -> str:
        """Where the database is, and once it was reached, which PostgreSQL it is."""
        return f"{self.name}   (PostgreSQL {self._version or 'not reached yet'})"

    @property
    def shared(self) -> bool:
        """Any number of servers can."""
        return True

    async def migrate(self) -> None:
        """Bring the tables up to date, one server at a time. Raises `ValueError` where that can't be done."""
        db = await self._reach()
        try:
            await db.begin_writing([Hold(MIGRATION)])
            self.standing = await db.run_sync(migrations.upgrade)
            await db.commit()
        except DBAPIError as error:
            raise ValueError(f"{self.name} can't be used as the database: {error.orig}") from error
        finally:
            await db.close()

    def back_up(self, file: Path, tell: Callable[[int, int], None], *, replace: bool = False) -> None:
        """Raise `ValueError`: PostgreSQL's own tool does it."""
        raise ValueError("This is PostgreSQL: take its backups with `pg_dump`, as docs/operating.md shows.")

    @asynccontextmanager
    async def moving_out(self) -> AsyncIterator[End]:
        """Hold all tables while they are read. Raises `ValueError` while a server is connected."""
        db = await self._reach()
        try:
            async with moving_out(self.name, db) as end:
                yield end
        finally:
            await db.close()

    @asynccontextmanager
    async def moving_in(self) -> AsyncIterator[End]:
        """Keep other moves away while it is written. Raises `ValueError` while a server is connected."""
        db = await self._reach()
        try:
            async with moving_in(self.name, db) as end:
                yield end
        finally:
            await db.close()

    def channel(self, hear: Callable[[str, Sequence[str]], None], connected: Callable[[], None]) -> Channel:
        """Give the channel to the other servers on this database, which has to be run."""
        return Channel(self._url, hear, connected)

    @contextmanager
    def watching(self) -> Iterator[Callable[[], bool]]:
        """Give what tells whether it is time again to look for what others wrote."""
        looked = 0.0

        def due() -> bool:
            nonlocal looked
            now = time.monotonic()
            if now - looked <= LOOK_SECONDS:
                return False
            looked = now
            return True

        yield due

    async def _reach(self) -> PostgresConnection:
        """Connect for something that may take long. Raises `ValueError` where that isn't possible, or is no use."""
        try:
            db = await PostgresConnection.open(engine_to(self._url, {}, answer_seconds=None))
        except (DBAPIError, OSError, TimeoutError) as error:
            reason = getattr(error, "orig", None) or error
            raise ValueError(f"{self.name} can't be reached: {reason or type(error).__name__}") from error
        try:
            await self._require_fit(db)
        except BaseException:
            await db.close()
            raise
        return db

    async def _require_fit(self, db: PostgresConnection) -> None:
        version, encoding = await db.ask("SHOW server_version"), await db.ask("SHOW server_encoding")
        self._version = version
        if int(version.split(".")[0]) < OLDEST:
            raise ValueError(f"chatgraph needs PostgreSQL {OLDEST} or newer; this is {version}.")
        if encoding != "UTF8":
            raise ValueError(f"The database's encoding must be UTF8; this is {encoding}.")

    async def _connect_reader(self) -> TransactionalConnection:
        return await PostgresConnection.open(self._reading)

    async def _connect_writer(self) -> TransactionalConnection:
        db = await PostgresConnection.open(self._writing)
        try:
            await db.ask(DURABLE)
        except BaseException:
            await db.close()
            raise
        return db
