"""Checksums: one changed value shows, wherever it is; and both kinds of databases come to the same."""

import pytest

from chatgraph.store.database import Database
from chatgraph.store.moving.checksums import Checksum, checksum
from chatgraph.store.moving.pages import EVERYTHING
from chatgraph.store.opening import database_at
from tests.bare import rows

TALKS = """
INSERT INTO talks (id, room_id, seq, content, creator_id, create_time) VALUES
(1, 1, 1, 'Grüße 小明 🎉', 1, '2026-01-31 12:00:00.000001+00:00'),
(2, 1, 2, 'Hello', 1, '2026-01-31 12:00:00.000000+00:00'), (3, 1, 3, NULL, 1, '2026-01-31 12:00:01.5+00:00')
"""
PAGES = {pages.table.name: pages for pages in EVERYTHING}


@pytest.fixture
async def filled(bare_url: str) -> str:
    """The address of a database with three talks in it."""
    database = database_at(bare_url)
    await database.migrate()
    await database.close()
    time = "'2026-01-31 12:00:00.000000+00:00'"
    user = f"INSERT INTO users (id, username, skeleton, display_name, password_hash, create_time) VALUES (1, 'ada', 'ada', 'Ada', '', {time})"
    room = f"INSERT INTO rooms (id, house_id, title, topic, creator_id, create_time) VALUES (1, 1, 'Hall', '', 1, {time})"
    for statement in (user, room, TALKS if "postgresql" in bare_url else TALKS.replace("+00:00", "")):
        await rows(bare_url, statement.replace("+00:00", "") if "sqlite" in bare_url else statement)
    return bare_url


async def talks(url: str) -> Checksum:
    database: Database = database_at(url)
    async with database.reading() as db:
        made = await checksum(db, PAGES["talks"])
    await database.close()
    return made


async def test_both_kinds_of_databases_come_to_the_same(filled: str) -> None:
    digest = "5c553ec1734b209413b109d1000075a42dcf8211484a89c50ca0ed420da5f75e"
    assert await talks(filled) == Checksum(3, digest)


@pytest.mark.parametrize(
    "change",
    [
        "SET content = 'Grüße 小明 🎊' WHERE id = 1",
        "SET content = 'Hello ' WHERE id = 2",
        "SET content = '' WHERE id = 3",
        "SET content = 'None' WHERE id = 3",
        "SET id = 4 WHERE id = 3",
        "SET create_time = '2026-01-31 12:00:00.000002' WHERE id = 1",
        "SET client_key = '' WHERE id = 1",
        "SET content = (SELECT max(content) FROM talks other WHERE other.id IN (1, 2) AND other.id <> talks.id)"
        " WHERE id IN (1, 2)",
    ],
)
async def test_whatever_is_otherwise_shows(filled: str, change: str) -> None:
    before = await talks(filled)
    await rows(filled, f"UPDATE talks {change}")
    assert await talks(filled) != before
    assert (await talks(filled)).rows == before.rows


async def test_a_row_that_is_missing_shows(filled: str) -> None:
    before = await talks(filled)
    await rows(filled, "DELETE FROM talks WHERE id = 3")
    assert await talks(filled) != before
