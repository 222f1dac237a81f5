"""The ledger of a database of a PostgreSQL server."""

import asyncio
from itertools import count
from typing import Any

import asyncpg

from chatgraph.store.tables import metadata
from tests.apart import Apart
from tests.permissions.database import FIRST_IDS, Dump, changed


class ServerLedger:
    """
    A `Ledger` that keeps a copy of each table beside it.

    Whoever asks holds up the event loop meanwhile; what writes doesn't: the server may be
    cleaning up, and it shares that loop.
    """

    def __init__(self, url: str) -> None:
        self._apart = Apart()
        self._db: asyncpg.Connection = self._apart.run(asyncpg.connect(url.replace("+asyncpg", "")))
        self._apart.run(
            self._db.execute("SET session_replication_role = replica")
        )  # references aren't looked at
        for table, first in FIRST_IDS.items():
            self.ask(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {first})")
        self.tables = sorted(metadata.tables)
        self._counters: list[tuple[Any, ...]] = []
        self.kept: Dump = {}

    def ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Read rows."""
        numbers = count(1)
        text = "".join(f"${next(numbers)}" if sign == "?" else sign for sign in statement)
        return [tuple(row) for row in self._apart.run(self._db.fetch(text, *values))]

    async def set_up(self, statements: str) -> None:
        """Change rows behind the server's back."""
        await asyncio.wrap_future(self._apart.start(self._db.execute(statements)))

    def version(self) -> int:
        """Give a number that is another one after every commit of anybody else."""
        return self.ask("SELECT txid_snapshot_xmax(txid_current_snapshot())")[0][0]

    def dump(self) -> Dump:
        """Give all rows of all tables."""
        return {table: self.ask(f"SELECT * FROM {table} ORDER BY {table}") for table in self.tables}

    async def keep(self) -> None:
        """Remember how everything is."""
        copies = (f"CREATE TABLE kept.{table} AS TABLE {table}" for table in self.tables)
        await self.set_up("; ".join(["CREATE SCHEMA kept", *copies]))
        self._counters = self.ask("SELECT sequencename, last_value FROM pg_sequences WHERE last_value > 0")
        self.kept = self.dump()

    async def restore(self) -> None:
        """Make everything as it was kept."""
        rows = (
            f"DELETE FROM {table}; INSERT INTO {table} TABLE kept.{table}"
            for table in changed(self.kept, self.dump())
        )
        ids = (f"SELECT setval('{name}', {last})" for name, last in self._counters)
        await self.set_up("; ".join([*rows, *ids]))

    def close(self) -> None:
        """Let go of the database."""
        self._apart.run(self._db.close())
        self._apart.close()
