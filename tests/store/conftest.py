"""A database of its own for each test, and ways to look at its file from outside."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from typing import Any

import pytest

from chatgraph.store.database import Database
from chatgraph.store.opening import database_at
from tests.databases import file_of


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open database with nothing but the first house in it."""
    database = database_at(database_url)
    await database.open()
    yield database
    await database.close()


class Outside:
    """Another program that reads and writes the same file."""

    def __init__(self, database: Database) -> None:
        self.path = file_of(database)

    def run(self, statement: str, *given: Any) -> list[Any]:
        """Run one statement in a transaction of its own and give its rows."""
        with closing(sqlite3.connect(self.path, isolation_level=None, timeout=5)) as db:
            return db.execute(statement, given).fetchall()

    def names(self) -> list[str]:
        """Give the names of all houses that are committed, in the order in which they were founded."""
        return [name for [name] in self.run("SELECT name FROM houses ORDER BY id")]


@pytest.fixture
def outside(database: Database) -> Outside:
    return Outside(database)
