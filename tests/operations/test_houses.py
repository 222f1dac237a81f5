"""Houses: who founds, changes and deletes them, and who sees that they are there."""

import asyncio

import pytest

from chatgraph.chat import Chat
from chatgraph.errors import Forbidden, Invalid, NotFound, Unauthenticated
from chatgraph.models import House, Rank, Room, Visibility, Window
from chatgraph.operations import houses, join_requests, rooms, talks
from chatgraph.operations.work import Work
from chatgraph.store import tables
from chatgraph.store.cleanup import take_away
from chatgraph.store.rows import Connection
from chatgraph.store.tables import houses as kept_houses
from chatgraph.store.tables import journal, members
from chatgraph.store.tables import rooms as kept_rooms
from chatgraph.store.tables import talks as kept_talks
from chatgraph.viewer import ANONYMOUS
from tests.cast import Cast
from tests.operations.people import Person, count, read_log

PUBLIC, PRIVATE = Visibility.PUBLIC, Visibility.PRIVATE
ALL = Window(50)
NEVER_WAS = "SG91c2U6OTk5OTk="  # House:99999


async def names(person: Person) -> list[str]:
    return [house.name for house in (await person.ask(houses.list_houses, ALL)).items]


async def see(person: Person, house: House) -> House | None:
    return (await person.ask(houses.load_houses, [house.id])).get(house.id)


async def test_who_founds_a_house_owns_it(ada: Person) -> None:
    house = await ada.perform(houses.create_house, " Engine ", "Brass\nand steam", PUBLIC)
    assert (house.name, house.description, house.visibility) == ("Engine", "Brass\nand steam", PUBLIC)
    assert (house.standing.rank, house.member_count) == (Rank.OWNER, 1)
    assert (await see(ada, house)) == house._replace(journal_seq=1)


async def test_two_houses_may_have_the_same_name(ada: Person) -> None:
    first, second = await ada.found("Engine"), await ada.found("Engine")
    assert first.id != second.id


async def test_a_public_house_is_seen_by_everyone_and_a_private_one_by_its_members(
    ada: Person, ben: Person, cleo: Person, engine: House, study: House
) -> None:
    assert await names(ada) == await names(ben) == ["Lobby", "Engine", "Study"]
    assert await names(cleo) == ["Lobby", "Engine"]
    assert await see(cleo, study) is None


async def test_nobody_can_tell_a_hidden_house_from_one_that_never_was(cast: Cast) -> None:
    hidden = await cast.ada.create_house("Study", "PRIVATE")
    deleted = await cast.ada.create_house("Ruin")
    await cast.ada.do("deleteHouse", "houseId", houseId=deleted)
    documents = ["query($id: ID!) { house(id: $id) { name } }", "query($id: ID!) { node(id: $id) { id } }"]
    documents += ["query($id: ID!) { rooms(houseId: $id) { nodes { id } } }"]
    for mutation, given in {
        "createRoom": 'title: "Hall"', "updateHouse": 'name: "Mine"', "deleteHouse": "", "joinHouse": "",
        "leaveHouse": "",
    }.items():  # fmt: skip
        documents.append(
            f"mutation($id: ID!) {{ {mutation}(input: {{houseId: $id, {given}}}) {{ __typename }} }}"
        )
    for document in documents:
        answers = [await cast.cleo.post(document, {"id": one}) for one in (hidden, deleted, NEVER_WAS)]
        assert answers[0].json()["errors"][0]["extensions"] == {"code": "NOT_FOUND"}
        assert len({(answer.status_code, answer.content) for answer in answers}) == 1


async def test_a_house_made_private_is_gone_for_who_only_read_it(
    ada: Person, ben: Person, cleo: Person, engine: House, hall: Room
) -> None:
    assert await see(cleo, engine)
    changed = await ada.perform(houses.update_house, engine.id, None, None, PRIVATE)
    assert changed.visibility is PRIVATE
    assert await see(cleo, engine) is None
    assert await see(ben, engine)
    with pytest.raises(NotFound):
        await cleo.perform(talks.post_talk, hall.id, "Hello?")
    await ada.perform(houses.update_house, engine.id, None, None, PUBLIC)
    assert await see(cleo, engine)


async def test_what_is_not_given_of_a_house_stays_as_it_is(ada: Person) -> None:
    house = await ada.perform(houses.create_house, "Engine", "Brass", PRIVATE)
    await ada.perform(houses.update_house, house.id, "Loom", None, None)
    after = await ada.perform(houses.update_house, house.id, None, "", None)
    assert (after.name, after.description, after.visibility) == ("Loom", "", PRIVATE)
    seen = await see(ada, house)
    assert seen is not None
    assert seen._replace(journal_seq=0) == after._replace(journal_seq=0)


@pytest.mark.parametrize(
    "name", ["", "  ", "\u200b", "x" * 101, "two\nlines", "nul\0", "\u202eenignE", "\ud800"]
)
async def test_a_house_has_a_name_in_one_line(ada: Person, engine: House, name: str) -> None:
    with pytest.raises(Invalid) as refused:
        await ada.perform(houses.create_house, name, "", PUBLIC)
    assert refused.value.field == "name"
    with pytest.raises(Invalid):
        await ada.perform(houses.update_house, engine.id, name, None, None)
    assert await names(ada) == ["Lobby", "Engine"]


async def test_only_the_owner_changes_and_deletes_a_house(
    moderator: Person, cleo: Person, engine: House
) -> None:
    for person in (moderator, cleo):
        with pytest.raises(Forbidden):
            await person.perform(houses.update_house, engine.id, "Mine", None, None)
        with pytest.raises(Forbidden):
            await person.perform(houses.delete_house, engine.id)
    assert await names(cleo) == ["Lobby", "Engine"]


async def test_nobody_reads_or_founds_houses_without_signing_in(chat: Chat, engine: House) -> None:
    async with chat.visit() as visit:
        with pytest.raises(Unauthenticated):
            await visit.ask(houses.list_houses, ALL)
        with pytest.raises(Unauthenticated):
            await visit.ask(houses.load_houses, [engine.id])
        with pytest.raises(Unauthenticated):
            await visit.perform(houses.create_house, "Engine", "", PUBLIC)


async def test_a_deleted_house_is_hidden_at_once_with_all_that_is_in_it(
    ada: Person, ben: Person, engine: House, hall: Room
) -> None:
    talk, _ = await ben.perform(talks.post_talk, hall.id, "Hello")
    assert (await ada.perform(houses.delete_house, engine.id)).name == "Engine"
    for person in (ada, ben):
        assert await names(person) == ["Lobby"]
        assert await person.ask(rooms.load_rooms, [hall.id]) == {}
        assert await person.ask(talks.load_talks, [talk.id]) == {}
        assert (await person.ask(rooms.list_all_rooms, ALL)).items == []
        assert (await person.ask(talks.list_all_talks, ALL)).items == []
        with pytest.raises(NotFound):
            await person.perform(talks.post_talk, hall.id, "Is nobody there?")


async def clean(chat: Chat, most: int) -> list[int]:
    """Clean until there is nothing to do; give how much went each time."""

    async def once(db: Connection) -> int:
        return await take_away(db, Work(db, ANONYMOUS).now, most)

    gone = []
    while not gone or gone[-1]:
        gone.append(await chat.database.write(once))
    return gone


async def furnish(house: House, owner: Person, member: Person, stranger: Person, asker: Person) -> None:
    """Let everything happen in a house that leaves a row behind."""
    await owner.perform(houses.update_house, house.id, None, None, PRIVATE, True)
    await asker.perform(join_requests.request_to_join, house.id)
    await owner.ban(stranger, house)
    await owner.mute(member, house)
    await owner.invite(house)


async def test_cleaning_takes_away_what_was_in_deleted_houses_and_nothing_else(
    chat: Chat, ada: Person, ben: Person, cleo: Person, dora: Person, engine: House, hall: Room, study: House, desk: Room
) -> None:  # fmt: skip
    await asyncio.gather(*(ben.perform(talks.post_talk, hall.id, str(n)) for n in range(25)))
    await ben.perform(talks.post_talk, desk.id, "Still here")
    doors = await ada.open(study, "Doors")
    await ada.perform(rooms.delete_room, doors.id)
    for house in (engine, study):
        await furnish(house, ada, ben, cleo, dora)
    others = (tables.bans, tables.mutes, tables.invites, tables.join_requests)
    assert [await count(chat, table) for table in others] == [2] * 4
    await ada.perform(houses.delete_house, engine.id)
    gone = await clean(chat, most=10)
    assert len(gone) > 3
    assert max(gone) <= 20
    assert [await count(chat, table) for table in (kept_talks, kept_rooms, members)] == [1, 1, 2]
    assert [await count(chat, table) for table in others] == [1] * 4
    assert {entry.house_id for entry in await read_log(chat)} == {study.id}
    assert [room.last_seq for room in await ada.listed(rooms.list_rooms, study.id)] == [1]
    async with chat.database.reading() as db:
        assert {row.house_id for row in await db.execute(journal.select())} == {study.id}
        ruin = (await db.execute(kept_houses.select().where(kept_houses.c.id == engine.id))).one()
    assert (ruin.name, ruin.description) == ("", "")


async def test_an_operator_lists_every_house_and_founds_one_for_somebody(
    chat: Chat, ada: Person, study: House
) -> None:
    async with chat.visit() as visit:
        house_id = await visit.perform(houses.found_house, ada.id, "Loom", "", PRIVATE)
        listed = await visit.ask(houses.list_every_house, ALL)
    assert [one.name for one in listed.items] == ["Lobby", "Study", "Loom"]
    assert all(one.standing.rank is None for one in listed.items)
    assert (await ada.see(houses.load_houses, house_id)).standing.rank == Rank.OWNER
