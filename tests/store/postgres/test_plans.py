"""The plans that PostgreSQL chooses in a database of some size: whatever is asked, it looks at few rows."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from chatgraph.models import Window
from chatgraph.store.database import Database
from chatgraph.store.opening import database_at
from tests.databases import Empty, url_of
from tests.statements import Statement, noted
from tests.store.test_plans import LOOKUPS, PAGES, WALKS

pytestmark = [pytest.mark.postgresql, pytest.mark.asyncio(loop_scope="module")]

# A third of the houses is private; Ada, the first user, is a member of some.
FILL = """
INSERT INTO users (username, skeleton, display_name, password_hash, create_time)
  SELECT n, n, n, '', now() FROM generate_series(1, 5000) n;
INSERT INTO houses (name, description, visibility, create_time)
  SELECT n, '', CASE WHEN n % 3 = 0 THEN 'private' ELSE 'public' END, now() FROM generate_series(1, 1000) n;
INSERT INTO members (house_id, user_id, rank, join_time)
  SELECT h, 1 + (h * 7 + k * 13) % 5000, CASE WHEN k = 0 THEN 100 ELSE 10 END, now()
  FROM generate_series(1, 1000) h, generate_series(0, 19) k;
INSERT INTO rooms (house_id, title, topic, creator_id, create_time)
  SELECT h, k, '', 1, now() FROM generate_series(1, 1000) h, generate_series(1, 5) k;
INSERT INTO talks (room_id, seq, content, creator_id, create_time)
  SELECT r, s, 'Hello', 1, now() FROM generate_series(1, 5000) r, generate_series(1, 30) s;
INSERT INTO sessions (user_id, agent, create_time, use_time, expire_time)
  SELECT u, '', now(), now(), now() + interval '10 days' FROM generate_series(1, 5000) u, generate_series(1, 3);
INSERT INTO bans (house_id, user_id, creator_id, reason, create_time)
  SELECT h, 1 + (h * 3 + k) % 5000, 1, '', now() FROM generate_series(1, 1000) h, generate_series(1, 20) k;
INSERT INTO mutes (house_id, user_id, end_time)
  SELECT h, 1 + (h * 3 + k) % 5000, now() + interval '1 day'
  FROM generate_series(1, 1000) h, generate_series(1, 20) k;
INSERT INTO join_requests (house_id, user_id, message, create_time, state)
  SELECT 1 + n % 1000, 1 + (n * 17) % 5000, '', now(), 'pending' FROM generate_series(1, 10000) n
  ON CONFLICT DO NOTHING;
INSERT INTO audit_entries (house_id, act, actor_id, subject_id, detail, reason, time)
  SELECT CASE WHEN n % 10 > 0 THEN 1 + n % 1000 END, 1, 1, 1, '', '', now() FROM generate_series(1, 20000) n;
ANALYZE
"""
# A page has fifty rows, each with what says who sees it. The smallest table that has to be walked has thousands.
SIZE, MOST = 50, 1500
WINDOWS = [
    Window(SIZE), Window(SIZE, backwards=True), Window(SIZE, after=2500), Window(SIZE, before=500, backwards=True),
]  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def filled(empty_database: Empty, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Database]:
    """A database of a thousand houses, for all of these tests."""
    url = empty_database.copy(tmp_path_factory.mktemp("filled"))
    other = await asyncpg.connect(url.replace("+asyncpg", ""))
    await other.execute(FILL)
    await other.close()
    database = database_at(url)
    await database.open()
    yield database
    await database.close()
    empty_database.drop(url)


async def rows_looked_at(database: Database, statements: list[Statement]) -> float:
    """Run the statements again and give how many rows were read of all tables."""
    db = await asyncpg.connect(url_of(database).replace("+asyncpg", ""))
    try:
        told = [
            await db.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {text}", *given) for text, given in statements
        ]
    finally:
        await db.close()
    return sum(sum(_read(plan["Plan"])) for [plan] in map(json.loads, told))


def _read(plan: dict[str, Any]) -> Iterator[float]:
    if "Relation Name" in plan:
        removed = sum(rows for name, rows in plan.items() if name.startswith("Rows Removed"))
        yield (plan["Actual Rows"] + removed) * plan["Actual Loops"]
    for part in plan.get("Plans", ()):
        yield from _read(part)


@pytest.mark.parametrize("name", [*PAGES, *WALKS])
async def test_a_page_looks_at_few_rows(filled: Database, name: str) -> None:
    read = PAGES[name] if name in PAGES else WALKS[name][0]
    for window in WINDOWS:
        with noted() as statements:
            async with filled.reading() as db:
                await read(db, window)
        assert await rows_looked_at(filled, statements) <= MOST, window


@pytest.mark.parametrize("name", LOOKUPS)
async def test_a_lookup_looks_at_few_rows(filled: Database, name: str) -> None:
    with noted() as statements:
        async with filled.reading() as db:
            await LOOKUPS[name](db)
    assert await rows_looked_at(filled, statements) <= MOST
