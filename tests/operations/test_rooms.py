"""Rooms: who opens, changes, archives and deletes them."""

import asyncio

import pytest

from chatgraph.chat import Chat
from chatgraph.errors import Forbidden, Invalid, NotFound, Unauthenticated
from chatgraph.models import House, Rank, Room, Window
from chatgraph.operations import houses, members, rooms, talks
from tests.cast import Cast
from tests.operations.people import Person

ALL = Window(50)
NEVER_WAS = "Um9vbTo5OTk5OQ=="  # Room:99999


async def titles(person: Person, house: House) -> list[str]:
    return [room.title for room in await person.listed(rooms.list_rooms, house.id)]


async def see(person: Person, room: Room) -> Room:
    return await person.see(rooms.load_rooms, room.id)


async def test_a_member_opens_a_room(ben: Person, engine: House) -> None:
    room = await ben.perform(rooms.create_room, engine.id, " Hall ", "Brass\nand steam")
    assert (room.house_id, room.title, room.topic) == (engine.id, "Hall", "Brass\nand steam")
    assert (room.creator_id, room.archive_time, room.last_seq) == (ben.id, None, 0)
    assert await see(ben, room) == room


async def test_opening_a_room_makes_a_stranger_a_member(cleo: Person, engine: House) -> None:
    await cleo.open(engine)
    house = await cleo.see(houses.load_houses, engine.id)
    assert (house.standing.rank, house.member_count) == (Rank.MEMBER, 3)


async def test_a_refused_room_makes_nobody_a_member(cleo: Person, engine: House) -> None:
    with pytest.raises(Invalid):
        await cleo.perform(rooms.create_room, engine.id, "", "")
    house = await cleo.see(houses.load_houses, engine.id)
    assert (house.standing.rank, house.member_count) == (None, 2)


async def test_who_opens_many_rooms_at_once_joins_once(cleo: Person, engine: House) -> None:
    await asyncio.gather(*(cleo.open(engine, str(n)) for n in range(20)))
    house = await cleo.see(houses.load_houses, engine.id)
    assert house.member_count == 3
    assert len(await titles(cleo, engine)) == 20


async def test_rooms_are_listed_newest_first_in_the_houses_that_the_viewer_sees(
    ada: Person, cleo: Person, engine: House, hall: Room, study: House, desk: Room
) -> None:
    await ada.open(engine, "Attic")
    assert await titles(cleo, engine) == ["Attic", "Hall"]
    assert set(await cleo.ask(rooms.list_rooms, [engine.id, study.id], ALL)) == {engine.id}
    assert [room.title for room in (await ada.ask(rooms.list_all_rooms, ALL)).items] == [
        "Attic", "Desk", "Hall",
    ]  # fmt: skip
    assert [room.title for room in (await cleo.ask(rooms.list_all_rooms, ALL)).items] == ["Attic", "Hall"]


async def test_nobody_can_tell_a_hidden_room_from_one_that_never_was(cast: Cast) -> None:
    house = await cast.ada.create_house("Study", "PRIVATE")
    hidden, deleted = await cast.ada.create_room(house), await cast.ada.create_room(house)
    await cast.ada.do("deleteRoom", "roomId", roomId=deleted)
    documents = ["query($id: ID!) { room(id: $id) { title } }", "query($id: ID!) { node(id: $id) { id } }"]
    documents += ["query($id: ID!) { talks(roomId: $id) { nodes { id } } }"]
    for mutation, given in {
        "postTalk": 'content: "Hello"', "updateRoom": 'title: "Mine"', "archiveRoom": "", "deleteRoom": "",
    }.items():  # fmt: skip
        documents.append(
            f"mutation($id: ID!) {{ {mutation}(input: {{roomId: $id, {given}}}) {{ __typename }} }}"
        )
    for document in documents:
        answers = [await cast.cleo.post(document, {"id": one}) for one in (hidden, deleted, NEVER_WAS)]
        assert answers[0].json()["errors"][0]["extensions"] == {"code": "NOT_FOUND"}
        assert len({(answer.status_code, answer.content) for answer in answers}) == 1


async def test_what_is_not_given_of_a_room_stays_as_it_is(ada: Person, engine: House) -> None:
    room = await ada.perform(rooms.create_room, engine.id, "Hall", "Brass")
    await ada.perform(rooms.update_room, room.id, "Attic", None)
    assert await ada.perform(rooms.update_room, room.id, None, "") == room._replace(title="Attic", topic="")
    assert await see(ada, room) == room._replace(title="Attic", topic="")


@pytest.mark.parametrize(
    "title", ["", " \t", "\u200b\u2060", "x" * 101, "two\nlines", "\x1b[31m", "a\u2066b", "\ud800"]
)
async def test_a_room_has_a_title_in_one_line(ada: Person, hall: Room, title: str) -> None:
    for call in (
        ada.perform(rooms.create_room, hall.house_id, title, ""),
        ada.perform(rooms.update_room, hall.id, title, None),
    ):
        with pytest.raises(Invalid) as refused:
            await call
        assert refused.value.field == "title"
    assert (await see(ada, hall)).title == "Hall"


async def test_a_topic_is_at_most_1024_characters(ada: Person, hall: Room) -> None:
    await ada.perform(rooms.update_room, hall.id, None, "x" * 1024)
    with pytest.raises(Invalid) as refused:
        await ada.perform(rooms.update_room, hall.id, None, "x" * 1025)
    assert refused.value.field == "topic"


async def test_a_room_is_changed_by_who_opened_it_and_by_moderators(
    ada: Person, ben: Person, cleo: Person, engine: House
) -> None:
    room = await cleo.open(engine)
    for person in (cleo, ada):
        await person.perform(rooms.update_room, room.id, "Attic", None)
        await person.perform(rooms.archive_room, room.id)
        await person.perform(rooms.archive_room, room.id, archived=False)
    with pytest.raises(Forbidden):
        await ben.perform(rooms.update_room, room.id, "Mine", None)
    with pytest.raises(Forbidden):
        await ben.perform(rooms.archive_room, room.id)


async def test_who_left_the_house_does_not_change_the_room_they_opened(cleo: Person, engine: House) -> None:
    room = await cleo.open(engine)
    await cleo.perform(members.leave_house, engine.id)
    with pytest.raises(Forbidden):
        await cleo.perform(rooms.update_room, room.id, "Attic", None)


async def test_an_archived_room_takes_no_talks_but_can_be_read(ada: Person, ben: Person, hall: Room) -> None:
    talk, _ = await ben.perform(talks.post_talk, hall.id, "Hello")
    archived = await ada.perform(rooms.archive_room, hall.id)
    assert archived.archive_time is not None
    assert await see(ben, hall) == archived
    for person in (ada, ben):
        with pytest.raises(Forbidden, match="archived"):
            await person.perform(talks.post_talk, hall.id, "Hello again")
    with pytest.raises(Forbidden, match="archived"):
        await ben.perform(talks.edit_talk, talk.id, "Goodbye")
    assert [talk.content for talk in await ben.listed(talks.list_talks, hall.id)] == ["Hello"]


async def test_a_talk_is_removed_from_an_archived_room_too(ada: Person, ben: Person, hall: Room) -> None:
    talk, _ = await ben.perform(talks.post_talk, hall.id, "Hello")
    await ada.perform(rooms.archive_room, hall.id)
    assert (await ben.perform(talks.remove_talk, talk.id)).content is None


async def test_a_talk_refused_by_an_archived_room_makes_nobody_a_member(
    ada: Person, cleo: Person, engine: House, hall: Room
) -> None:
    await ada.perform(rooms.archive_room, hall.id)
    with pytest.raises(Forbidden):
        await cleo.perform(talks.post_talk, hall.id, "Hello")
    house = await cleo.see(houses.load_houses, engine.id)
    assert house.standing.rank is None


async def test_an_archived_room_is_opened_again(ada: Person, ben: Person, hall: Room) -> None:
    first = await ada.perform(rooms.archive_room, hall.id)
    assert await ada.perform(rooms.archive_room, hall.id) == first
    assert (await ada.perform(rooms.archive_room, hall.id, archived=False)).archive_time is None
    talk, _ = await ben.perform(talks.post_talk, hall.id, "Hello")
    assert talk.seq == 1


async def test_only_the_owner_deletes_a_room(moderator: Person, ada: Person, engine: House) -> None:
    room = await moderator.open(engine)
    with pytest.raises(Forbidden):
        await moderator.perform(rooms.delete_room, room.id)
    assert await ada.perform(rooms.delete_room, room.id) == room
    assert await titles(ada, engine) == []


async def test_a_deleted_room_is_hidden_at_once_with_its_talks(ada: Person, ben: Person, hall: Room) -> None:
    talk, _ = await ben.perform(talks.post_talk, hall.id, "Hello")
    await ada.perform(rooms.delete_room, hall.id)
    assert await ada.ask(rooms.load_rooms, [hall.id]) == {}
    assert (await ada.ask(rooms.list_all_rooms, ALL)).items == []
    assert await ada.ask(talks.list_talks, [hall.id], ALL) == {}
    assert await ada.ask(talks.load_talks, [talk.id]) == {}
    assert (await ada.ask(talks.list_all_talks, ALL)).items == []
    with pytest.raises(NotFound):
        await ben.perform(talks.edit_talk, talk.id, "Hi")
    with pytest.raises(NotFound):
        await ben.perform(talks.remove_talk, talk.id)


async def test_rooms_are_hidden_from_who_is_not_signed_in(chat: Chat, hall: Room) -> None:
    async with chat.visit() as visit:
        with pytest.raises(Unauthenticated):
            await visit.ask(rooms.load_rooms, [hall.id])
        with pytest.raises(Unauthenticated):
            await visit.ask(rooms.list_all_rooms, ALL)
        with pytest.raises(Unauthenticated):
            await visit.perform(rooms.create_room, hall.house_id, "Attic", "")
