"""Keyset pages: whatever window is asked for, it is what cutting a plain list would give."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from chatgraph.models import Look, Page, Visibility, Window
from chatgraph.store import houses, members, rooms, talks
from chatgraph.store.database import Database
from chatgraph.store.opening import database_at
from chatgraph.store.rows import Connection
from chatgraph.store.tables import rooms as kept_rooms
from chatgraph.store.tables import talks as kept_talks
from chatgraph.store.tables import users as kept_users
from tests.databases import Empty

NOW = datetime(2026, 1, 31, tzinfo=UTC)
SIZES = (0, 1, 5, 12)
ADA, CLEO = 1, 2


class World(NamedTuple):
    """Houses with so many rooms, rooms with so many talks, and the keys of all of them in their lists' order."""

    runner: asyncio.Runner
    database: Database
    rooms: dict[int, list[int]]
    talks: dict[int, list[int]]
    all_rooms: list[int]
    seen_by_cleo: list[int]

    def read(self, read: Any, *given: Any) -> Any:
        async def reading() -> Any:
            async with self.database.reading() as db:
                return await read(db, *given)

        return self.runner.run(reading())


async def furnish(db: Connection) -> tuple[Any, ...]:
    """Make public houses and, between their rooms, 500 rooms of a private one that Cleo doesn't see."""
    for name in ("ada", "cleo"):
        await db.execute(
            insert(kept_users).values(
                username=name, skeleton=name, display_name=name, password_hash="", create_time=NOW
            )
        )
    public = [await houses.add(db, str(size), "", Visibility.PUBLIC, False, NOW) for size in SIZES]
    private = await houses.add(db, "Study", "", Visibility.PRIVATE, False, NOW)
    await members.add(db, private, ADA, 100, NOW)
    listed: dict[int, list[int]] = {house_id: [] for house_id in public}
    every: list[int] = []

    async def open_room(house_id: int) -> int:
        room = await rooms.add(db, house_id, "Hall", "", ADA, NOW)
        every.insert(0, room.id)
        return room.id

    for n in range(max(SIZES)):
        for house_id, size in zip(public, SIZES, strict=True):
            if n < size:
                listed[house_id].insert(0, await open_room(house_id))
        if n == 6:
            hidden = [
                {"house_id": private, "title": "Desk", "topic": "", "creator_id": ADA, "create_time": NOW}
            ]
            added = await db.execute(insert(kept_rooms).returning(kept_rooms.c.id), hidden * 500)
            every[:0] = sorted(added.scalars(), reverse=True)
    said = {}
    for room_id, size in zip(listed[public[-1]], SIZES, strict=False):
        said[room_id] = list(range(1, size + 1))
        rows = [
            {"room_id": room_id, "seq": seq, "content": "Hello", "creator_id": ADA, "create_time": NOW}
            for seq in said[room_id]
        ]
        if rows:
            await db.execute(insert(kept_talks), rows)
    seen = sorted((room for each in listed.values() for room in each), reverse=True)
    return listed, said, every, seen


@pytest.fixture(scope="module")
def world(empty_database: Empty, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    url = empty_database.copy(tmp_path_factory.mktemp("rows"))
    with asyncio.Runner() as runner:
        database = database_at(url)
        runner.run(database.open())
        yield World(runner, database, *runner.run(database.write(furnish)))
        runner.run(database.close())
    empty_database.drop(url)


def cut(keys: list[int], window: Window, *, newest_first: bool = False) -> tuple[list[int], bool, bool]:
    """Cut a window out of a plain list of keys: what is in it, and whether the list goes on on either side."""

    def place(key: int | None) -> int | None:
        return None if key is None else -key if newest_first else key

    after, before, places = place(window.after), place(window.before), [place(key) or 0 for key in keys]
    start = sum(after is not None and key <= after for key in places)
    stop = len(keys) - sum(before is not None and key >= before for key in places)
    inside = keys[start:stop] if start < stop else []
    taken = inside[-window.size :] if window.backwards else inside[: window.size]
    left_out = len(taken) < len(inside)
    previous = start > 0 or (left_out and window.backwards)
    following = stop < len(keys) or (left_out and not window.backwards)
    return taken, previous, following


def told(page: Page[Any], key: str) -> tuple[list[int], bool, bool]:
    return [getattr(item, key) for item in page.items], page.has_previous, page.has_next


def windows(most: int) -> st.SearchStrategy[Window]:
    bound = st.none() | st.integers(0, most)
    return st.builds(Window, st.integers(1, 14), bound, bound, st.booleans())


@given(window=windows(14))
@settings(max_examples=100, deadline=None)
def test_a_page_of_talks_is_what_a_list_would_give_for_each_of_several_rooms(
    world: World, window: Window
) -> None:
    pages = world.read(talks.pages, list(world.talks), window)
    assert {room_id: told(page, "seq") for room_id, page in pages.items()} == {
        room_id: cut(seqs, window) for room_id, seqs in world.talks.items()
    }


@given(window=windows(14), room=st.sampled_from(range(len(SIZES))))
@settings(max_examples=100, deadline=None)
def test_a_page_of_one_rooms_talks_is_what_a_list_would_give(world: World, window: Window, room: int) -> None:
    [room_id] = list(world.talks)[room : room + 1]
    assert told(world.read(talks.pages, [room_id], window)[room_id], "seq") == cut(
        world.talks[room_id], window
    )


@given(window=windows(520))
@settings(max_examples=100, deadline=None)
def test_a_page_of_rooms_newest_first_is_what_a_list_would_give_for_each_of_several_houses(
    world: World, window: Window
) -> None:
    pages = world.read(rooms.pages, list(world.rooms), window)
    assert {house_id: told(page, "id") for house_id, page in pages.items()} == {
        house_id: cut(keys, window, newest_first=True) for house_id, keys in world.rooms.items()
    }


@given(window=windows(520))
@settings(max_examples=100, deadline=None)
def test_a_page_of_all_rooms_is_what_a_list_of_the_seen_ones_would_give(world: World, window: Window) -> None:
    for viewer, keys in ((Look(ADA, NOW), world.all_rooms), (Look(CLEO, NOW), world.seen_by_cleo)):
        assert told(world.read(rooms.page_of_all, viewer, window), "id") == cut(
            keys, window, newest_first=True
        )


@pytest.mark.parametrize("backwards", [False, True])
def test_500_hidden_rooms_in_a_row_do_not_end_a_walk(world: World, backwards: bool) -> None:
    found: list[int] = []
    window = Window(5, backwards=backwards)
    while True:
        page = world.read(rooms.page_of_all, Look(CLEO, NOW), window)
        ids = [room.id for room in page.items]
        found = ids + found if backwards else found + ids
        if not (page.has_previous if backwards else page.has_next):
            break
        window = window._replace(before=ids[0]) if backwards else window._replace(after=ids[-1])
    assert found == world.seen_by_cleo


def test_pages_of_more_parents_than_one_statement_takes_are_all_given(world: World) -> None:
    wanted = world.all_rooms  # more than the 500 SELECTs that SQLite takes
    pages = world.read(talks.pages, wanted, Window(5))
    assert set(pages) == set(wanted)
    for room_id in wanted:
        assert told(pages[room_id], "seq") == cut(world.talks.get(room_id, []), Window(5))
    assert world.read(talks.pages, [], Window(5)) == {}


@pytest.mark.parametrize("far", [2**31, 2**63 - 1])
def test_ids_that_are_far_from_any_there_are_have_empty_pages(world: World, far: int) -> None:
    some = list(world.talks)[:1]
    pages = world.read(talks.pages, [*some, far], Window(5, after=far))
    assert told(pages[far], "seq") == ([], False, False)
    assert world.read(talks.pages, [far], Window(5))[far].items == []


def test_a_noun_is_the_same_from_one_list_and_from_several(world: World) -> None:
    room_id = list(world.talks)[-1]
    alone = world.read(talks.pages, [room_id], Window(5))[room_id]
    assert world.read(talks.pages, list(world.talks), Window(5))[room_id] == alone
    assert alone.items[0].create_time == NOW
