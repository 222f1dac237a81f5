"""Query plans: a page costs the same at any depth, since it is read off an index, in the index's order."""

import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event, insert
from sqlalchemy.engine import Engine

from chatgraph.models import Visibility, Window
from chatgraph.store import accounts, houses, journal, members, rooms, sessions, talks
from chatgraph.store.database import Database
from chatgraph.store.rows import Connection
from chatgraph.store.tables import users

ADA = 1
NOW = datetime.now(UTC)
WINDOWS = [
    Window(5), Window(5, backwards=True), Window(5, after=3), Window(5, before=9, backwards=True),
    Window(5, after=3, before=9),
]  # fmt: skip
Read = Callable[[Connection, Window], Awaitable[Any]]
# The lists that hang on one thing: whatever else there is, nothing else is looked at.
PAGES: dict[str, Read] = {
    "the talks of a room": lambda db, window: talks.pages(db, [1], window),
    "the talks of some rooms": lambda db, window: talks.pages(db, [1, 2, 3], window),
    "the rooms of a house": lambda db, window: rooms.pages(db, [1], window),
    "the rooms of some houses": lambda db, window: rooms.pages(db, [1, 2], window),
    "the members of a house": lambda db, window: members.pages(db, [1], window),
    "the members of some houses": lambda db, window: members.pages(db, [1, 2], window),
}
# The lists of all that somebody sees: they are walked in their own order, and what is hidden is stepped over.
WALKS: dict[str, tuple[Read, str]] = {
    "all houses": (lambda db, window: houses.page(db, ADA, window), "houses"),
    "all rooms": (lambda db, window: rooms.page_of_all(db, ADA, window), "rooms"),
    "all talks": (lambda db, window: talks.page_of_all(db, ADA, window), "talks"),
    "all users": (lambda db, window: accounts.page(db, window), "users"),
    "somebody's sessions": (lambda db, window: sessions.page(db, ADA, NOW, window), "sessions"),
}
LOOKUPS: dict[str, Callable[[Connection], Awaitable[Any]]] = {
    "a talk with its room": lambda db: talks.with_room(db, ADA, 1),
    "a talk by its key": lambda db: talks.by_client_key(db, 1, ADA, "key"),
    "talks": lambda db: talks.find(db, ADA, [1, 2, 3]),
    "rooms": lambda db: rooms.find(db, ADA, [1, 2, 3]),
    "a room with its house": lambda db: rooms.with_house(db, ADA, 1),
    "houses": lambda db: houses.find(db, ADA, [1, 2]),
    "members": lambda db: members.find(db, ADA, [1, 2]),
    "an account by its name": lambda db: accounts.by_name(db, "ada"),
    "who has a name or looks like it": lambda db: accounts.taken_by(db, "ada", "ada"),
    "a session by its token": lambda db: sessions.token(db, b"", NOW),
    "whether a session goes on": lambda db: sessions.find(db, ADA, [1], NOW),
}

Statements = list[tuple[str, Any]]


@pytest.fixture
def statements() -> Iterator[Statements]:
    """All statements that are run, with their parameters."""
    run: Statements = []

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        run.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    yield run
    event.remove(Engine, "before_cursor_execute", note)


@pytest.fixture
async def furnished(database: Database) -> Database:
    async def furnish(db: Connection) -> None:
        await db.execute(
            insert(users).values(
                username="ada", skeleton="ada", display_name="ada", password_hash="", create_time=NOW
            )
        )
        for _ in range(3):
            house_id = await houses.add(db, "Engine", "", Visibility.PUBLIC, NOW)
            await members.add(db, house_id, ADA, 10, NOW)
            room = await rooms.add(db, house_id, "Hall", "", ADA, NOW)
            for seq in range(1, 12):
                await talks.add(db, room.id, seq, "Hello", ADA, None, NOW)
            await journal.append(db, house_id, 30, 1, room.id, ADA, NOW)

    await database.writer.write(furnish)
    return database


def plans(database: Database, statements: Statements) -> list[str]:
    """Give the steps of all SELECTs as SQLite explains them."""
    steps = []
    with closing(sqlite3.connect(database.path)) as db:
        for statement, parameters in statements:
            if statement.startswith("SELECT"):
                steps += [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    return steps


def scans(steps: list[str]) -> list[str]:
    """Give the steps that read a whole table or sort; those over the rows of an inner SELECT don't count."""
    over_rows = ("SCAN (", "SCAN anon_", "SCAN CONSTANT")
    return [
        step
        for step in steps
        if "TEMP B-TREE" in step or (step.startswith("SCAN") and not step.startswith(over_rows))
    ]


@pytest.mark.parametrize("name", PAGES)
async def test_a_page_is_read_off_an_index(furnished: Database, statements: Statements, name: str) -> None:
    async with furnished.reading() as db:
        for window in WINDOWS:
            await PAGES[name](db, window)
    steps = plans(furnished, statements)
    assert sum(step.startswith("SEARCH") for step in steps) >= len(WINDOWS)
    assert scans(steps) == []


@pytest.mark.parametrize("name", WALKS)
async def test_a_walk_through_everything_goes_in_its_own_order_and_never_sorts(
    furnished: Database, statements: Statements, name: str
) -> None:
    read, table = WALKS[name]
    async with furnished.reading() as db:
        for window in WINDOWS:
            await read(db, window)
    steps = plans(furnished, statements)
    assert not [step for step in steps if "TEMP B-TREE" in step]
    assert set(scans(steps)) <= {f"SCAN {table}"}


@pytest.mark.parametrize("name", LOOKUPS)
async def test_a_lookup_uses_an_index(furnished: Database, statements: Statements, name: str) -> None:
    async with furnished.reading() as db:
        await LOOKUPS[name](db)
    steps = plans(furnished, statements)
    assert any(step.startswith("SEARCH") for step in steps)
    assert scans(steps) == []
