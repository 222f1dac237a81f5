"""Talks: who says what where, and what becomes of it."""

import asyncio

import pytest

from chatgraph.chat import Chat
from chatgraph.errors import Conflict, Forbidden, NotFound, Unauthenticated
from chatgraph.events.kinds import Kind
from chatgraph.models import House, Rank, Room, Talk, Window
from chatgraph.operations import houses, members, rooms, talks
from chatgraph.store.places import At, Place
from chatgraph.store.tables import talks as kept
from tests.cast import Cast
from tests.operations.people import Person, count, read_journal
from tests.store.test_writer import Gate

ALL = Window(100)
NEVER_WAS = "VGFsazo5OTk5OQ=="  # Talk:99999


async def listen(person: Person, room: Room) -> list[Talk]:
    return await person.listed(talks.list_talks, room.id)


async def say(person: Person, room: Room, content: str = "Hello", client_key: str | None = None) -> Talk:
    return (await person.perform(talks.post_talk, room.id, content, client_key))[0]


async def test_a_talk_is_kept_as_it_was_sent(ben: Person, hall: Room) -> None:
    content = "  Ça va?\r\n\tOui 👍🏽\u202e\x07 "
    talk = await say(ben, hall, content)
    assert (talk.content, talk.creator_id, talk.seq) == (content, ben.id, 1)
    assert (talk.edit_time, talk.remove_time) == (None, None)
    assert await listen(ben, hall) == [talk]


async def test_speaking_makes_a_stranger_a_member_once(cleo: Person, engine: House, hall: Room) -> None:
    await asyncio.gather(*(say(cleo, hall, str(n)) for n in range(20)))
    house = await cleo.see(houses.load_houses, engine.id)
    assert (house.standing.rank, house.member_count) == (Rank.MEMBER, 3)


async def test_seq_has_no_holes_under_64_parallel_talks(
    ada: Person, ben: Person, cleo: Person, hall: Room, desk: Room
) -> None:
    wanted = [(person, room) for person in (ada, ben) for room in (hall, desk) for _ in range(16)]
    said = await asyncio.gather(*(say(person, room) for person, room in wanted))
    for room in (hall, desk):
        assert [talk.seq for talk in await listen(ada, room)] == list(range(1, 33))
        assert (await ada.see(rooms.load_rooms, room.id)).last_seq == 32
    assert len({talk.id for talk in said}) == 64


async def test_talks_that_are_posted_together_stand_in_the_journal_in_their_order(
    chat: Chat, ben: Person, cleo: Person, dora: Person, engine: House, hall: Room
) -> None:
    gate = Gate()
    holding = asyncio.create_task(chat.database.write(gate, None, Place(At.ROOM, hall.id)))
    await gate.reached.wait()
    # Two of them are no members yet: what they say takes more steps.
    posting = [asyncio.create_task(say(person, hall)) for person in (ben, cleo, ben, dora, ben)]
    gate.opened.set()
    said = {talk.id: talk.seq for talk in await asyncio.gather(*posting)}
    await holding
    told = [entry for entry in await read_journal(chat, engine.id) if entry.kind is Kind.TALK_POSTED]
    assert [said[entry.subject_id] for entry in told] == [1, 2, 3, 4, 5]
    assert (await ben.see(houses.load_houses, engine.id)).member_count == 4


async def test_a_refused_talk_leaves_no_hole(ada: Person, ben: Person, hall: Room) -> None:
    outcomes = await asyncio.gather(
        *(say(ben, hall, "" if n % 3 == 0 else str(n)) for n in range(30)), return_exceptions=True
    )
    assert sum(isinstance(outcome, Talk) for outcome in outcomes) == 20
    assert [talk.seq for talk in await listen(ada, hall)] == list(range(1, 21))


async def test_a_retry_gives_the_first_talk_whatever_it_says(ben: Person, hall: Room) -> None:
    first = await ben.perform(talks.post_talk, hall.id, "Hello", "key")
    again = await ben.perform(talks.post_talk, hall.id, "Hello again", "key")
    assert (first[1], again) == (False, (first[0], True))
    assert await listen(ben, hall) == [first[0]]


async def test_20_parallel_retries_make_one_talk(ben: Person, hall: Room) -> None:
    answers = await asyncio.gather(
        *(ben.perform(talks.post_talk, hall.id, "Hello", "key") for _ in range(20))
    )
    assert len({talk.id for talk, _ in answers}) == 1
    assert sorted(replayed for _, replayed in answers) == [False] + [True] * 19
    assert [talk.seq for talk in await listen(ben, hall)] == [1]


async def test_a_retry_gives_the_first_talk_after_everything_that_may_come_between(
    ada: Person, ben: Person, engine: House, hall: Room
) -> None:
    first = await say(ben, hall, "Hello", "key")
    await ada.perform(rooms.archive_room, hall.id)
    assert await say(ben, hall, "Hello", "key") == first
    await ben.perform(members.leave_house, engine.id)
    assert await say(ben, hall, "Hello", "key") == first
    removed = await ada.perform(talks.remove_talk, first.id)
    assert await say(ben, hall, "Hello", "key") == removed
    house = await ben.see(houses.load_houses, engine.id)
    assert house.standing.rank is None


async def test_a_key_counts_for_its_author_and_room_alone(
    ada: Person, ben: Person, hall: Room, desk: Room
) -> None:
    said = [await say(person, room, "Hello", "key") for person in (ada, ben) for room in (hall, desk)]
    assert len({talk.id for talk in said}) == 4


async def test_a_retry_in_a_house_that_is_hidden_now_is_not_found(
    ada: Person, ben: Person, study: House, desk: Room
) -> None:
    await say(ben, desk, "Hello", "key")
    await ben.perform(members.leave_house, study.id)
    with pytest.raises(NotFound):
        await say(ben, desk, "Hello", "key")


async def test_a_client_is_told_whether_its_talk_stood_there_already(cast: Cast) -> None:
    room = await cast.ada.create_room(await cast.ada.create_house())
    given = {"roomId": room, "content": "Hello", "clientKey": "key"}
    answers = [await cast.ben.do("postTalk", "replayed talk { id }", **given) for _ in range(2)]
    assert [answer["replayed"] for answer in answers] == [False, True]
    assert answers[0]["talk"] == answers[1]["talk"]


async def test_only_its_author_edits_a_talk(ada: Person, ben: Person, cleo: Person, hall: Room) -> None:
    talk = await say(ben, hall)
    edited = await ben.perform(talks.edit_talk, talk.id, "Goodbye")
    assert (edited.content, edited.seq, edited.create_time) == ("Goodbye", 1, talk.create_time)
    assert edited.edit_time is not None
    for person in (ada, cleo):
        with pytest.raises(Forbidden):
            await person.perform(talks.edit_talk, talk.id, "Mine")
    assert await listen(ada, hall) == [edited]


async def test_an_edit_that_changes_nothing_is_none(ben: Person, hall: Room) -> None:
    talk = await say(ben, hall)
    assert await ben.perform(talks.edit_talk, talk.id, "Hello") == talk


async def test_who_left_the_house_edits_and_removes_nothing(ben: Person, engine: House, hall: Room) -> None:
    talk = await say(ben, hall)
    await ben.perform(members.leave_house, engine.id)
    with pytest.raises(Forbidden):
        await ben.perform(talks.edit_talk, talk.id, "Goodbye")
    with pytest.raises(Forbidden):
        await ben.perform(talks.remove_talk, talk.id)


async def test_a_removed_talk_leaves_a_tombstone_with_its_seq(
    chat: Chat, ada: Person, ben: Person, hall: Room
) -> None:
    first, second, third = [await say(ben, hall, content) for content in ("one", "twoscore", "three")]
    removed = await ben.perform(talks.remove_talk, second.id)
    assert (removed.content, removed.seq) == (None, 2)
    assert removed.remove_time is not None
    assert await listen(ada, hall) == [first, removed, third]
    assert (await say(ben, hall)).seq == 4
    async with chat.database.reading() as db:
        assert "twoscore" not in repr((await db.execute(kept.select())).all())


async def test_a_removed_talk_is_removed_once_and_edited_no_more(
    ada: Person, ben: Person, hall: Room
) -> None:
    talk = await say(ben, hall)
    removed = await ben.perform(talks.remove_talk, talk.id)
    assert await ada.perform(talks.remove_talk, talk.id) == removed
    with pytest.raises(Conflict) as refused:
        await ben.perform(talks.edit_talk, talk.id, "Goodbye")
    assert refused.value.field == "talkId"
    assert await listen(ben, hall) == [removed]


async def test_a_moderator_removes_what_others_said_and_a_member_does_not(
    moderator: Person, ada: Person, cleo: Person, hall: Room
) -> None:
    adas, cleos = await say(ada, hall), await say(cleo, hall)
    with pytest.raises(Forbidden):
        await cleo.perform(talks.remove_talk, adas.id)
    assert (await moderator.perform(talks.remove_talk, cleos.id)).content is None
    assert (await moderator.perform(talks.remove_talk, adas.id)).content is None


async def test_nobody_can_tell_a_hidden_talk_from_one_that_never_was(cast: Cast) -> None:
    house = await cast.ada.create_house("Study", "PRIVATE")
    hidden = await cast.ada.post_talk(await cast.ada.create_room(house))
    ruin = await cast.ada.create_room(house)
    deleted = await cast.ada.post_talk(ruin)
    await cast.ada.do("deleteRoom", "roomId", roomId=ruin)
    documents = ["query($id: ID!) { talk(id: $id) { content } }", "query($id: ID!) { node(id: $id) { id } }"]
    for mutation, given in {"editTalk": 'content: "Mine"', "removeTalk": ""}.items():
        documents.append(
            f"mutation($id: ID!) {{ {mutation}(input: {{talkId: $id, {given}}}) {{ __typename }} }}"
        )
    for document in documents:
        answers = [await cast.cleo.post(document, {"id": one}) for one in (hidden, deleted, NEVER_WAS)]
        assert answers[0].json()["errors"][0]["extensions"] == {"code": "NOT_FOUND"}
        assert len({(answer.status_code, answer.content) for answer in answers}) == 1


async def test_talks_are_listed_in_the_rooms_that_the_viewer_sees(
    ada: Person, cleo: Person, hall: Room, desk: Room
) -> None:
    seen, hidden = await say(ada, hall), await say(ada, desk)
    assert set(await cleo.ask(talks.list_talks, [hall.id, desk.id], ALL)) == {hall.id}
    assert (await cleo.ask(talks.list_all_talks, ALL)).items == [seen]
    assert (await ada.ask(talks.list_all_talks, ALL)).items == [seen, hidden]
    assert await cleo.ask(talks.load_talks, [seen.id, hidden.id]) == {seen.id: seen}


async def test_talks_are_hidden_from_who_is_not_signed_in(chat: Chat, ada: Person, hall: Room) -> None:
    talk = await say(ada, hall)
    async with chat.visit() as visit:
        with pytest.raises(Unauthenticated):
            await visit.ask(talks.load_talks, [talk.id])
        with pytest.raises(Unauthenticated):
            await visit.ask(talks.list_all_talks, ALL)
        with pytest.raises(Unauthenticated):
            await visit.perform(talks.post_talk, hall.id, "Hello")
    assert await count(chat, kept) == 1
