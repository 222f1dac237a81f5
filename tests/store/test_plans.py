"""Query plans: a page costs the same at any depth, since it is read off an index, in the index's order."""

from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert

from chatgraph.models import Act, Look, RequestState, Visibility, Window
from chatgraph.store import (
    accounts,
    audit,
    bans,
    houses,
    invites,
    join_requests,
    journal,
    members,
    rooms,
    sessions,
    talks,
)
from chatgraph.store.cleanup import take_away
from chatgraph.store.database import Database
from chatgraph.store.rows import Connection
from chatgraph.store.tables import users
from tests.plans import plans, scans
from tests.statements import Statement, noted

ADA = 1
NOW = datetime.now(UTC)
LOOK = Look(ADA, NOW)
WINDOWS = [
    Window(5), Window(5, backwards=True), Window(5, after=3), Window(5, before=9, backwards=True),
    Window(5, after=3, before=9),
]  # fmt: skip
Read = Callable[[Connection, Window], Awaitable[Any]]
# The lists that hang on one thing: whatever else there is, nothing else is looked at.
PAGES: dict[str, Read] = {
    "the talks of a room": lambda db, window: talks.pages(db, [1], window),
    "some talks of a room": lambda db, window: talks.span(db, 1, window.after or 1, window.before or 9),
    "the talks of some rooms": lambda db, window: talks.pages(db, [1, 2, 3], window),
    "the rooms of a house": lambda db, window: rooms.pages(db, [1], window),
    "the rooms of some houses": lambda db, window: rooms.pages(db, [1, 2], window),
    "the members of a house": lambda db, window: members.pages(db, [1], window, NOW),
    "the members of some houses": lambda db, window: members.pages(db, [1, 2], window, NOW),
    "the bans of a house": lambda db, window: bans.pages(db, [1], window, NOW),
    "the bans of some houses": lambda db, window: bans.pages(db, [1, 2], window, NOW),
    "the invites of a house": lambda db, window: invites.pages(db, [1], window),
    "the invites of some houses": lambda db, window: invites.pages(db, [1, 2], window),
    "the join requests of a house": lambda db, window: join_requests.pages(db, [1], window),
    "the join requests of some houses": lambda db, window: join_requests.pages(db, [1, 2], window),
    "somebody's join requests": lambda db, window: join_requests.page_of_own(db, ADA, window),
    "somebody's houses": lambda db, window: houses.page_of_some(db, LOOK, [1, 2, 3], window),
    "the audit log of a house": lambda db, window: audit.pages(db, [1], window),
    "the audit log of some houses": lambda db, window: audit.pages(db, [1, 2], window),
}
# The lists of all that somebody sees: they are walked in their own order, and what is hidden is stepped over.
WALKS: dict[str, tuple[Read, str]] = {
    "all houses": (lambda db, window: houses.page(db, LOOK, window), "houses"),
    "all rooms": (lambda db, window: rooms.page_of_all(db, LOOK, window), "rooms"),
    "all talks": (lambda db, window: talks.page_of_all(db, LOOK, window), "talks"),
    "what the operator did": (lambda db, window: audit.page_of_operator(db, window), "audit_entries"),
    "all users": (lambda db, window: accounts.page(db, window), "users"),
    "somebody's sessions": (lambda db, window: sessions.page(db, ADA, NOW, window), "sessions"),
}
LOOKUPS: dict[str, Callable[[Connection], Awaitable[Any]]] = {
    "a talk with its room": lambda db: talks.with_room(db, LOOK, 1),
    "a talk by its key": lambda db: talks.by_client_key(db, 1, ADA, "key"),
    "what happened to some talks": lambda db: journal.count(
        db, 1, 0, 9, [31, 32], journal.RoomStretch(1, 1, 64)
    ),
    "talks": lambda db: talks.find(db, LOOK, [1, 2, 3]),
    "rooms": lambda db: rooms.find(db, LOOK, [1, 2, 3]),
    "a room with its house": lambda db: rooms.with_house(db, LOOK, 1),
    "houses": lambda db: houses.find(db, LOOK, [1, 2]),
    "a house, seen or not": lambda db: houses.get(db, LOOK, 1),
    "whether there is a house": lambda db: houses.exists(db, 1),
    "a member": lambda db: members.get(db, 1, ADA, NOW),
    "the owner": lambda db: members.owner(db, 1, NOW),
    "bans": lambda db: bans.find(db, LOOK, [1, 2]),
    "a ban": lambda db: bans.get(db, 1, ADA, NOW),
    "invites": lambda db: invites.find(db, LOOK, [1, 2]),
    "an invite by its code": lambda db: invites.by_digest(db, b""),
    "join requests": lambda db: join_requests.find(db, LOOK, [1, 2]),
    "somebody's own join requests": lambda db: join_requests.find_own(db, ADA, [1, 2]),
    "a join request": lambda db: join_requests.get(db, 1, ADA),
    "audit entries": lambda db: audit.find(db, LOOK, [1, 2]),
    "members": lambda db: members.find(db, LOOK, [1, 2]),
    "an account by its name": lambda db: accounts.by_name(db, "ada"),
    "who has a name or looks like it": lambda db: accounts.taken_by(db, "ada", "ada"),
    "a session by its token": lambda db: sessions.token(db, b"", NOW),
    "whether a session goes on": lambda db: sessions.find(db, ADA, [1], NOW),
}
# The changes that look for the rows they change.
CHANGES: dict[str, Callable[[Connection], Awaitable[Any]]] = {
    "a ban that takes the place of another": lambda db: bans.ban(db, 2, ADA, ADA, "", NOW, None),
    "a mute that takes the place of another": lambda db: bans.mute(db, 2, ADA, NOW),
    "an invite is used": lambda db: invites.use(db, 1),
    "an invite is revoked": lambda db: invites.revoke(db, 1, NOW),
    "all of somebody's invites end": lambda db: invites.revoke_of(db, ADA, NOW),
    "somebody's invites to a house end": lambda db: invites.revoke_of(db, ADA, NOW, house_id=2),
    "a join request is settled": lambda db: join_requests.settle(db, 2, ADA, RequestState.APPROVED, NOW),
    "a join request is forgotten": lambda db: join_requests.forget(db, 2, ADA),
    "what somebody said lately is removed": lambda db: talks.remove_recent(db, 2, ADA, NOW, NOW),
    "a talk is changed": lambda db: talks.change(db, 1, content=None),
    "what was deleted is taken away": lambda db: take_away(db, NOW),
}

# For these PostgreSQL walks through a table as small as it is here, though it has an index for them.
SMALL = {"somebody's join requests"}

Statements = list[Statement]


def named(reads: Iterable[str]) -> list[Any]:
    """Give the names to test by."""
    return [pytest.param(name, marks=[pytest.mark.sqlite] if name in SMALL else []) for name in reads]


@pytest.fixture
def statements() -> Iterator[Statements]:
    """All statements that are run, with their parameters."""
    with noted() as run:
        yield run


@pytest.fixture
async def furnished(database: Database) -> Database:
    async def furnish(db: Connection) -> None:
        await db.execute(
            insert(users).values(
                username="ada", skeleton="ada", display_name="ada", password_hash="", create_time=NOW
            )
        )
        for _ in range(3):
            house_id = await houses.add(db, "Engine", "", Visibility.PUBLIC, False, NOW)
            await members.add(db, house_id, ADA, 10, NOW)
            room = await rooms.add(db, house_id, "Hall", "", ADA, NOW)
            for seq in range(1, 12):
                await talks.add(db, room.id, seq, "Hello", ADA, None, NOW)
            await journal.append(db, house_id, [journal.Entry(30, 1, room.id)], ADA, NOW)
            await bans.ban(db, house_id, ADA, ADA, "", NOW, None)
            await bans.mute(db, house_id, ADA, NOW)
            await invites.add(db, str(house_id).encode(), house_id, ADA, NOW, NOW, None)
            await join_requests.add(db, house_id, ADA, "", NOW)
            await audit.append(db, Act.ROLE_SET, house_id, ADA, "", "", ADA, NOW)

    await database.write(furnish)
    return database


@pytest.mark.parametrize("name", named(PAGES))
async def test_a_page_is_read_off_an_index(furnished: Database, statements: Statements, name: str) -> None:
    async with furnished.reading() as db:
        for window in WINDOWS:
            await PAGES[name](db, window)
    steps = plans(furnished, statements)
    assert sum(step.startswith("SEARCH") for step in steps) >= len(WINDOWS)
    assert scans(steps) == []


@pytest.mark.parametrize("name", named(WALKS))
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


@pytest.mark.parametrize("name", CHANGES)
async def test_a_change_finds_its_rows_by_an_index(
    furnished: Database, statements: Statements, name: str
) -> None:
    await furnished.write(CHANGES[name])
    steps = plans(furnished, statements)
    assert any(step.startswith("SEARCH") for step in steps)
    assert scans(steps) == []
