"""A database of its own for each test, and another program that looks into it."""

from collections.abc import AsyncIterator

import pytest

from chatgraph.store.database import Database
from chatgraph.store.opening import database_at
from tests.outside import Outside


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open database with nothing but the first house in it."""
    database = database_at(database_url)
    await database.open()
    yield database
    await database.close()


@pytest.fixture
def outside(database: Database) -> Outside:
    return Outside(database)
