"""Another program on the database of a test: it looks what stands there, changes it, and is in the way."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from typing import Any

from sqlalchemy import Executable, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from chatgraph.store.database import Database
from chatgraph.store.tables import metadata
from tests.apart import Apart
from tests.databases import ON_SQLITE, file_of, url_of

HOLD = "BEGIN IMMEDIATE" if ON_SQLITE else f"BEGIN; LOCK TABLE {', '.join(metadata.tables)} IN SHARE MODE"


class Outside:
    """A program beside the server; each of its statements is a transaction of its own."""

    def __init__(self, database: Database | str) -> None:
        self.url = database if isinstance(database, str) else url_of(database)

    def run(self, statement: str | Executable, given: Any = None) -> list[tuple[Any, ...]]:
        """Run one statement and give its rows; the event loop stands still meanwhile."""
        with closing(Apart()) as apart:
            return apart.run(self._run(statement, given))

    def names(self) -> list[str]:
        """Give the names of all houses that are committed, in the order in which they were founded."""
        return [name for (name,) in self.run("SELECT name FROM houses ORDER BY id")]

    def everything(self) -> bytes:
        """Give all that is kept, texts and bytes, one after the other."""
        if ON_SQLITE:
            file = file_of(self.url)
            return b"".join(part.read_bytes() for part in file.parent.glob(f"{file.name}*"))
        values = (value for kept in metadata.sorted_tables for row in self.run(select(kept)) for value in row)
        return b" ".join(value if isinstance(value, bytes) else str(value).encode() for value in values)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        """Let nobody else write meanwhile."""
        async with self._connected() as db:
            driver: Any = (await db.get_raw_connection()).driver_connection
            await driver.execute(HOLD)
            yield
            await driver.execute("ROLLBACK")

    async def _run(self, statement: str | Executable, given: Any) -> list[tuple[Any, ...]]:
        async with self._connected() as db:
            done = await db.execute(text(statement) if isinstance(statement, str) else statement, given)
            return [tuple(row) for row in done] if done.returns_rows else []

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[AsyncConnection]:
        engine = create_async_engine(self.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        async with engine.connect() as db:
            yield db
        await engine.dispose()
