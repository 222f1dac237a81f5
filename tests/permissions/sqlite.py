"""The ledger of a SQLite file."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

from tests.permissions.database import FIRST_IDS, Dump


class FileLedger:
    """
    A `Ledger` that keeps a copy of the file.

    What writes waits in a thread: the server may be cleaning up, and it shares this loop.
    """

    def __init__(self, file: Path) -> None:
        self._reading = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
        self._writing = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        self._writing.execute("PRAGMA synchronous = OFF")
        self._writing.execute("PRAGMA wal_autocheckpoint = 0")
        self._copy = sqlite3.connect(":memory:", check_same_thread=False)
        for table, first in FIRST_IDS.items():
            self._writing.execute("DELETE FROM sqlite_sequence WHERE name = ?", [table])
            self._writing.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", [table, first])
        names = self._reading.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        self.tables = sorted(name for (name,) in names)
        self.kept: Dump = {}

    def ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Read rows."""
        return self._reading.execute(statement, values).fetchall()

    async def set_up(self, statements: str) -> None:
        """Change rows behind the server's back."""
        await asyncio.to_thread(self._writing.executescript, statements)

    def version(self) -> int:
        """Give a number that is another one after every commit of anybody else."""
        return self.ask("PRAGMA data_version")[0][0]

    def dump(self) -> Dump:
        """Give all rows of all tables."""
        return {table: self.ask(f"SELECT * FROM {table} ORDER BY rowid") for table in self.tables}

    async def keep(self) -> None:
        """Remember how everything is."""
        await asyncio.to_thread(self._writing.backup, self._copy, sleep=0.01)
        self.kept = self.dump()

    async def restore(self) -> None:
        """Make everything as it was kept."""
        await asyncio.to_thread(self._copy.backup, self._writing, sleep=0.01)

    def close(self) -> None:
        """Let go of the file."""
        for connection in (self._reading, self._writing, self._copy):
            connection.close()
