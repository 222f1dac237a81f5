"""What is remembered of a room is what would be read in the same snapshot, and as little as possible is read again."""

import random
from collections.abc import Awaitable, Collection
from datetime import UTC, datetime
from itertools import product
from sys import getsizeof
from typing import Any

import pytest
from sqlalchemy import delete

from chatgraph.chat import Chat
from chatgraph.models import House, Notes, Page, Room, Talk, Window
from chatgraph.operations import memory, rooms, talks
from chatgraph.operations.memory import BLOCK, NAME_WEIGHT, TALK_WEIGHT, Memory
from chatgraph.operations.work import Work
from chatgraph.store import journal
from chatgraph.store.tables import talks as rows
from tests.operations.people import Person
from tests.statements import Statement, noted

TWO_BLOCKS = BLOCK + 8
NEWEST = Window(5, backwards=True)


@pytest.fixture
async def spoken(ada: Person, hall: Room) -> list[Talk]:
    """What stands in the hall: a block of talks, and a few of the next."""
    return [await ada.say(hall, f"Hello {number}") for number in range(TWO_BLOCKS)]


async def remember(person: Person, room: Room, window: Window) -> None:
    """Ask for a window twice: what is asked for once alone isn't remembered."""
    for _ in range(2):
        await read(person, room, window)


async def read(person: Person, room: Room, window: Window) -> Page[Talk]:
    page = (await person.ask(talks.list_talks, [room.id], window))[room.id]
    assert isinstance(page, Page)
    return page


async def read_afresh(person: Person, room: Room, window: Window) -> Page[Talk]:
    async def forgetful(work: Work, room_ids: Collection[int]) -> dict[int, Any]:
        work.memory = None
        return await talks.list_talks(work, room_ids, window)

    return (await person.ask(forgetful, [room.id]))[room.id]


async def spans(reading: Awaitable[Page[Talk]]) -> list[tuple[Any, ...]]:
    """Give the first and the last seq of each span of talks that is read."""
    with noted() as statements:
        await reading
    return spans_in(statements)


def spans_in(statements: list[Statement]) -> list[tuple[Any, ...]]:
    return [tuple(one.given[1:3]) for one in statements if "FROM talks" in one.text]


async def notes_of(person: Person, room: Room, window: Window) -> Notes:
    """Give the notes of a page once it is remembered."""
    await remember(person, room, window)
    notes = (await read(person, room, window)).notes
    assert notes is not None
    return notes


async def test_any_window_is_as_it_would_be_read_afresh(
    ada: Person, engine: House, hall: Room, spoken: list[Talk]
) -> None:
    empty = await ada.open(engine, "Empty")
    edges = (None, -3, 0, 1, 2, BLOCK, BLOCK + 1, TWO_BLOCKS, TWO_BLOCKS + 1, 1000)
    for after, before, size, backwards in product(edges, edges, (1, 5, 100), (False, True)):
        window = Window(size, after, before, backwards)
        for room in (hall, empty):
            page = await read(ada, room, window)
            assert page[:3] == (await read_afresh(ada, room, window))[:3], window


async def test_after_any_change_it_is_as_it_would_be_read_afresh(
    ada: Person, ben: Person, engine: House, hall: Room, spoken: list[Talk]
) -> None:
    chance = random.Random(3)
    elsewhere = await ada.open(engine, "Elsewhere")

    async def post() -> None:
        await chance.choice([ada, ben]).say(chance.choice([hall, elsewhere]))

    async def edit() -> None:
        await ada.perform(talks.edit_talk, chance.choice(spoken).id, f"Well {chance.random()}")

    async def remove() -> None:
        await ada.perform(talks.remove_talk, spoken.pop(chance.randrange(len(spoken))).id)

    async def rename() -> None:
        await ada.perform(rooms.update_room, hall.id, f"Hall {chance.random()}", "")

    for _ in range(60):
        await chance.choice([post, post, edit, remove, rename])()
        for person in (ada, ben):
            window = Window(chance.choice([3, 20]), chance.randrange(TWO_BLOCKS), None, chance.random() < 0.5)
            page = await read(person, hall, window)
            assert page[:3] == (await read_afresh(person, hall, window))[:3]


async def test_what_goes_with_a_ban_is_forgotten(ada: Person, ben: Person, engine: House, hall: Room) -> None:
    await ben.say(hall, "Buy this")
    await remember(ada, hall, NEWEST)
    await ada.ban(ben, engine, remove_hours=1)
    assert (await read(ada, hall, NEWEST)).items[0].content is None


async def test_what_was_read_is_not_read_again(
    ada: Person, ben: Person, engine: House, hall: Room, spoken: list[Talk]
) -> None:
    for _ in range(2):
        assert await spans(read(ada, hall, Window(10))) == [(1, 10)]
    assert await spans(read(ben, hall, Window(10))) == []
    assert await spans(read(ben, hall, Window(10, after=4))) == [(11, 14)]
    await ada.say(await ada.open(engine, "Elsewhere"))
    assert await spans(read(ben, hall, Window(14))) == []


async def test_of_a_room_in_which_somebody_speaks_only_the_new_is_read(
    chat: Chat, ada: Person, hall: Room, spoken: list[Talk]
) -> None:
    (await notes_of(ada, hall, NEWEST)).write("name", [4], ["noted"], [10])
    for more in (1, 2):
        await ada.say(hall, "Hello")
        before = chat.memory._size
        with noted() as statements:
            page = await read(ada, hall, NEWEST)
        assert spans_in(statements) == [(TWO_BLOCKS + more, TWO_BLOCKS + more)]
        assert chat.memory._size == before + TALK_WEIGHT + getsizeof("Hello")
        assert page.notes is not None
        assert page.notes.read("name").index("noted") == 4 - more


async def test_a_change_makes_its_block_be_read_again_and_no_other(
    ada: Person, hall: Room, spoken: list[Talk]
) -> None:
    everything = Window(100)
    await remember(ada, hall, everything)
    for talk in (spoken[0], spoken[BLOCK - 1]):
        await ada.perform(talks.edit_talk, talk.id, "Well")
        assert await spans(read(ada, hall, NEWEST)) == []
        assert await spans(read(ada, hall, everything)) == [(1, BLOCK)]
        assert await spans(read(ada, hall, everything)) == []


async def test_who_looks_at_an_older_snapshot_is_given_what_stood_there(
    chat: Chat, ada: Person, hall: Room, spoken: list[Talk]
) -> None:
    async with chat.visit(ada.viewer) as earlier:
        await earlier.ask(rooms.load_rooms, [hall.id])
        await remember(ada, hall, NEWEST)
        await ada.perform(talks.edit_talk, spoken[-1].id, "Well")
        await ada.say(hall, "Later")
        later = await read(ada, hall, NEWEST)
        found = (await earlier.ask(talks.list_talks, [hall.id], NEWEST))[hall.id]
        assert isinstance(found, Page)
    assert [one.content for one in found.items] == [f"Hello {TWO_BLOCKS - 5 + n}" for n in range(5)]
    assert [one.content for one in later.items[-2:]] == ["Well", "Later"]
    assert (await read(ada, hall, NEWEST)).items == later.items


async def test_where_the_journal_has_forgotten_what_happened_talks_are_read_again(
    chat: Chat, ada: Person, hall: Room, spoken: list[Talk]
) -> None:
    await remember(ada, hall, NEWEST)
    await ada.perform(talks.edit_talk, spoken[-1].id, "Well")
    await chat.database.write(lambda db: journal.forget(db, datetime.now(UTC), 1000))
    assert (await read(ada, hall, NEWEST)).items[-1].content == "Well"


async def test_a_room_in_which_rows_are_missing_is_listed_as_it_is(
    chat: Chat, ada: Person, hall: Room, spoken: list[Talk]
) -> None:
    await chat.database.write(lambda db: db.execute(delete(rows).where(rows.c.id == spoken[-2].id)))
    there = [*range(TWO_BLOCKS - 5, TWO_BLOCKS - 1), TWO_BLOCKS]
    for _ in range(3):
        assert [talk.seq for talk in (await read(ada, hall, NEWEST)).items] == there


async def test_where_much_has_happened_talks_are_read_again(
    ada: Person, hall: Room, spoken: list[Talk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "MOST_COUNTED", 2)
    await remember(ada, hall, NEWEST)
    for more, again in ((2, False), (3, True)):
        for _ in range(more):
            await ada.perform(rooms.update_room, hall.id, f"Hall {random.random()}", "")
        assert bool(await spans(read(ada, hall, NEWEST))) is again


async def test_the_least_used_is_forgotten_when_it_gets_too_much(
    chat: Chat, ada: Person, engine: House
) -> None:
    chat.memory = Memory(most=40_000)
    opened = [await ada.open(engine, f"Room {number}") for number in range(12)]
    for room in opened:
        for _ in range(3):
            await ada.say(room, "x" * 1000)
        await remember(ada, room, NEWEST)
        assert await spans(read(ada, opened[0], NEWEST)) == [], "what is used stays"
    blocks = chat.memory._blocks.values()
    assert sum(block.weight for block in blocks) == chat.memory._size <= 40_000
    assert await spans(read(ada, opened[-1], NEWEST)) == []
    assert await spans(read(ada, opened[1], NEWEST)) == [(1, 3)]


async def test_of_notes_of_many_kinds_the_last_are_held_until_a_talk_changes(
    chat: Chat, ada: Person, hall: Room, spoken: list[Talk]
) -> None:
    notes = await notes_of(ada, hall, NEWEST)
    before = chat.memory._size
    for name in range(6):
        notes.write(name, [0, 4], [f"first {name}", f"last {name}"], [10, 10])
    assert [name for name in range(6) if any(notes.read(name))] == [2, 3, 4, 5]
    assert notes.read(5) == ["first 5", None, None, None, "last 5"]
    assert (await notes_of(ada, hall, Window(2, backwards=True))).read(5) == [None, "last 5"]
    assert chat.memory._size == before + 4 * (NAME_WEIGHT + 20)
    await ada.perform(talks.edit_talk, spoken[-1].id, "Well")
    assert (await notes_of(ada, hall, NEWEST)).read(5) == [None] * 5
    now = chat.memory._size
    notes.write("late", [0], ["of what is forgotten"], [10])
    assert chat.memory._size == now
