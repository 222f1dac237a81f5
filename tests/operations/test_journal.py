"""The journal: each change is written down in the transaction that makes it, and nothing else is."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import pytest

from chatgraph.chat import Chat
from chatgraph.errors import ChatError
from chatgraph.events.kinds import Kind
from chatgraph.models import House, Rank, Room, Talk, Visibility
from chatgraph.operations import houses, members, moderation, rooms, talks
from chatgraph.operations.work import Work
from chatgraph.store.tables import talks as kept_talks
from tests.cast import Cast
from tests.operations.people import Person, count, read_journal

PUBLIC = Visibility.PUBLIC


class Scene(NamedTuple):
    """What the changes are made to: in Ada's Engine, Ben is a moderator and has said something in her Hall."""

    ada: Person
    ben: Person
    cleo: Person
    engine: House
    hall: Room
    talk: Talk


@pytest.fixture
async def scene(ada: Person, moderator: Person, cleo: Person, engine: House, hall: Room) -> Scene:
    talk, _ = await moderator.perform(talks.post_talk, hall.id, "Hello", "key")
    return Scene(ada, moderator, cleo, engine, hall, talk)


Change = Callable[[Scene], Awaitable[Any]]
# Each change, and the kinds, subjects and rooms that it writes down.
CHANGES: dict[str, tuple[Change, Callable[[Scene], list[tuple[Kind, int, int | None]]]]] = {
    "a house is updated": (
        lambda s: s.ada.perform(houses.update_house, s.engine.id, "Loom", None, None),
        lambda s: [(Kind.HOUSE_UPDATED, s.engine.id, None)],
    ),
    "a house is deleted": (
        lambda s: s.ada.perform(houses.delete_house, s.engine.id),
        lambda s: [(Kind.HOUSE_DELETED, s.engine.id, None)],
    ),
    "somebody joins": (
        lambda s: s.cleo.perform(members.join_house, s.engine.id),
        lambda s: [(Kind.MEMBER_JOINED, s.cleo.id, None)],
    ),
    "somebody leaves": (
        lambda s: s.ben.perform(members.leave_house, s.engine.id),
        lambda s: [(Kind.MEMBER_LEFT, s.ben.id, None)],
    ),
    "a house is handed over to a member": (
        lambda s: s.ada.perform(members.hand_over, s.engine.id, s.ben.id),
        lambda s: [(Kind.MEMBER_CHANGED, s.ada.id, None), (Kind.MEMBER_CHANGED, s.ben.id, None)],
    ),
    "a house is handed over to a stranger": (
        lambda s: s.ada.perform(members.hand_over, s.engine.id, s.cleo.id),
        lambda s: [(Kind.MEMBER_CHANGED, s.ada.id, None), (Kind.MEMBER_JOINED, s.cleo.id, None)],
    ),
    "a house is transferred": (
        lambda s: s.ada.perform(members.transfer_house, s.engine.id, s.ben.id),
        lambda s: [(Kind.MEMBER_CHANGED, s.ada.id, None), (Kind.MEMBER_CHANGED, s.ben.id, None)],
    ),
    "a role is set": (
        lambda s: s.ada.make(s.ben, Rank.MEMBER, s.engine),
        lambda s: [(Kind.MEMBER_CHANGED, s.ben.id, None)],
    ),
    "a member is removed": (
        lambda s: s.ada.perform(members.remove_member, s.engine.id, s.ben.id),
        lambda s: [(Kind.MEMBER_LEFT, s.ben.id, None)],
    ),
    "a member is muted": (
        lambda s: s.ada.mute(s.ben, s.engine),
        lambda s: [(Kind.MEMBER_CHANGED, s.ben.id, None)],
    ),
    "a member is banned": (
        lambda s: s.ada.ban(s.ben, s.engine),
        lambda s: [(Kind.MEMBER_LEFT, s.ben.id, None), (Kind.USER_BANNED, s.ben.id, None)],
    ),
    "a stranger is banned": (
        lambda s: s.ada.ban(s.cleo, s.engine),
        lambda s: [(Kind.USER_BANNED, s.cleo.id, None)],
    ),
    "a room is locked": (
        lambda s: s.ada.perform(rooms.lock_room, s.hall.id),
        lambda s: [(Kind.ROOM_UPDATED, s.hall.id, s.hall.id)],
    ),
    "a room is updated": (
        lambda s: s.ada.perform(rooms.update_room, s.hall.id, "Attic", None),
        lambda s: [(Kind.ROOM_UPDATED, s.hall.id, s.hall.id)],
    ),
    "a room is archived": (
        lambda s: s.ada.perform(rooms.archive_room, s.hall.id),
        lambda s: [(Kind.ROOM_ARCHIVED, s.hall.id, s.hall.id)],
    ),
    "a room is deleted": (
        lambda s: s.ada.perform(rooms.delete_room, s.hall.id),
        lambda s: [(Kind.ROOM_DELETED, s.hall.id, s.hall.id)],
    ),
    "a talk is edited": (
        lambda s: s.ben.perform(talks.edit_talk, s.talk.id, "Goodbye"),
        lambda s: [(Kind.TALK_EDITED, s.talk.id, s.hall.id)],
    ),
    "a talk is removed": (
        lambda s: s.ada.perform(talks.remove_talk, s.talk.id),
        lambda s: [(Kind.TALK_REMOVED, s.talk.id, s.hall.id)],
    ),
}
NOTHING: dict[str, Change] = {
    "joining twice": lambda s: s.ben.perform(members.join_house, s.engine.id),
    "an empty update of a house": lambda s: s.ada.perform(houses.update_house, s.engine.id, "Engine", None, PUBLIC),
    "an empty update of a room": lambda s: s.ada.perform(rooms.update_room, s.hall.id, "Hall", ""),
    "opening an open room": lambda s: s.ada.perform(rooms.archive_room, s.hall.id, archived=False),
    "an edit without a difference": lambda s: s.ben.perform(talks.edit_talk, s.talk.id, "Hello"),
    "a retry": lambda s: s.ben.perform(talks.post_talk, s.hall.id, "Hello", "key"),
    "a role that is set already": lambda s: s.ada.make(s.ben, Rank.MODERATOR, s.engine),
    "a member who speaks already": lambda s: s.ada.perform(moderation.unmute_member, s.engine.id, s.ben.id),
    "unlocking a room that isn't locked": lambda s: s.ada.perform(rooms.lock_room, s.hall.id, locked=False),
    "an invite": lambda s: s.ada.invite(s.engine),
    "a refused ban": lambda s: s.ben.ban(s.ada, s.engine),
    "a refused end of a ban": lambda s: s.ada.perform(moderation.unban_user, s.engine.id, s.cleo.id),
    "handing over to the owner": lambda s: s.ada.perform(members.hand_over, s.engine.id, s.ada.id),
    "a refused talk": lambda s: s.cleo.perform(talks.post_talk, s.hall.id, ""),
    "a refused edit": lambda s: s.ada.perform(talks.edit_talk, s.talk.id, "Mine"),
    "a refused update": lambda s: s.cleo.perform(rooms.update_room, s.hall.id, "Mine", None),
    "a refused leaving": lambda s: s.ada.perform(members.leave_house, s.engine.id),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
async def test_a_change_is_written_down(chat: Chat, scene: Scene, name: str) -> None:
    change, expected = CHANGES[name]
    before = await read_journal(chat, scene.engine.id)
    await change(scene)
    written = (await read_journal(chat, scene.engine.id))[len(before) :]
    assert [(entry.kind, entry.subject_id, entry.room_id) for entry in written] == expected(scene)
    assert [entry.seq for entry in written] == [len(before) + n for n in range(1, len(written) + 1)]


async def test_what_changes_nothing_is_not_written_down(chat: Chat, scene: Scene) -> None:
    before = await read_journal(chat, scene.engine.id)
    for name, call in NOTHING.items():
        if name.startswith("a refused"):
            with pytest.raises(ChatError):
                await call(scene)
        else:
            await call(scene)
        assert await read_journal(chat, scene.engine.id) == before, name


async def test_a_house_begins_with_its_founder_and_tells_who_did_what_when(
    chat: Chat, ada: Person, cleo: Person
) -> None:
    house = await ada.found()
    room = await ada.open(house)
    talk, _ = await cleo.perform(talks.post_talk, room.id, "Hello")
    entries = await read_journal(chat, house.id)
    assert [(entry.kind, entry.subject_id, entry.actor_id) for entry in entries] == [
        (Kind.MEMBER_JOINED, ada.id, ada.id),
        (Kind.ROOM_CREATED, room.id, ada.id),
        (Kind.MEMBER_JOINED, cleo.id, cleo.id),
        (Kind.TALK_POSTED, talk.id, cleo.id),
    ]
    assert entries[-1].time == talk.create_time


async def test_opening_an_archived_room_again_is_an_update(chat: Chat, scene: Scene) -> None:
    await scene.ada.perform(rooms.archive_room, scene.hall.id)
    await scene.ada.perform(rooms.archive_room, scene.hall.id, archived=False)
    kinds = [entry.kind for entry in await read_journal(chat, scene.engine.id)]
    assert kinds[-2:] == [Kind.ROOM_ARCHIVED, Kind.ROOM_UPDATED]


async def test_what_an_operator_does_has_no_actor(chat: Chat, engine: House, ben: Person) -> None:
    async with chat.visit() as visit:
        await visit.perform(members.hand_over, engine.id, ben.id)
    assert (await read_journal(chat, engine.id))[-1].actor_id is None


async def test_a_journal_has_no_holes_and_keeps_the_order_of_seq_under_64_parallel_writes(
    chat: Chat, ada: Person, ben: Person, engine: House, hall: Room, study: House, desk: Room
) -> None:
    before = {house.id: len(await read_journal(chat, house.id)) for house in (engine, study)}
    writers = [(person, room) for person in (ada, ben) for room in (hall, desk) for _ in range(16)]
    said = await asyncio.gather(*(one.perform(talks.post_talk, room.id, "Hello") for one, room in writers))
    seqs = {talk.id: talk.seq for talk, _ in said}
    for house in (engine, study):
        entries = await read_journal(chat, house.id)
        assert [entry.seq for entry in entries] == list(range(1, before[house.id] + 33))
        assert [seqs[entry.subject_id] for entry in entries[before[house.id] :]] == list(range(1, 33))


async def test_a_write_that_fails_leaves_neither_its_change_nor_its_entry(
    chat: Chat, ada: Person, engine: House, hall: Room
) -> None:
    async def post_and_fail(work: Work) -> None:
        await talks.post_talk(work, hall.id, "Hello")
        await work.keep_told()
        raise LookupError

    before = await read_journal(chat, engine.id)
    with pytest.raises(LookupError):
        await ada.perform(post_and_fail)
    assert await read_journal(chat, engine.id) == before
    assert await count(chat, kept_talks) == 0


async def test_a_change_whose_entry_cannot_be_written_is_not_made(
    chat: Chat, ada: Person, engine: House, hall: Room
) -> None:
    async def post_for_nowhere(work: Work) -> None:
        await talks.post_talk(work, hall.id, "Hello")
        work.announce(Kind.TALK_POSTED, 99_999, 1)

    before = await read_journal(chat, engine.id)
    with pytest.raises(ValueError, match="unpack"):
        await ada.perform(post_for_nowhere)
    assert await read_journal(chat, engine.id) == before
    assert await count(chat, kept_talks) == 0


async def test_a_houses_journal_position_is_read_with_the_house(chat: Chat, scene: Scene) -> None:
    house = await scene.ada.see(houses.load_houses, scene.engine.id)
    assert house.journal_seq == len(await read_journal(chat, scene.engine.id))


async def test_a_houses_cursor_moves_with_its_own_changes_alone(cast: Cast) -> None:
    house, elsewhere = await cast.ada.create_house(), await cast.ada.create_house("Elsewhere")
    seen = []

    async def look() -> None:
        data = await cast.ada.ask("query($id: ID!) { house(id: $id) { cursor } }", id=house)
        seen.append(data["house"]["cursor"])

    await look()
    room = await cast.ada.create_room(house)
    await look()
    talk = await cast.ada.post_talk(room)
    await look()
    await cast.ada.do("removeTalk", "talk { id }", talkId=talk)
    await look()
    assert len(set(seen)) == 4
    await cast.ada.create_room(elsewhere)
    await look()
    assert seen[-1] == seen[-2]


async def test_a_mutation_gives_the_position_after_its_own_event(cast: Cast) -> None:
    for mutation, given in (
        ("createHouse", {"name": "Engine"}),
        ("joinHouse", {"houseId": "SG91c2U6MQ=="}),
        ("leaveHouse", {"houseId": "SG91c2U6MQ=="}),
    ):
        house = (await cast.ada.do(mutation, "house { id cursor }", **given))["house"]
        now = await cast.ada.ask("query($id: ID!) { house(id: $id) { cursor } }", id=house["id"])
        assert now["house"]["cursor"] == house["cursor"]
