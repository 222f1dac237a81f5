"""Bans: who may not come in, what of a house they see, and what they said that goes with them."""

from datetime import timedelta

import pytest

from chatgraph.chat import Chat
from chatgraph.errors import Forbidden, Invalid, NotFound
from chatgraph.events.kinds import Kind
from chatgraph.models import House, Rank, Room, Standing, Talk
from chatgraph.operations import houses, invites, join_requests, members, moderation, rooms, talks
from chatgraph.store import tables
from tests.operations.people import ALL, HOUR, Caller, Person, lately, read_journal, set_all, soon


async def unban(person: Person, whom: Person, house: House) -> House:
    return await person.perform(moderation.unban_user, house.id, whom.id)


async def test_who_is_banned_is_no_member_and_sees_of_a_public_house_that_it_exists(
    ada: Person, ben: Person, engine: House, hall: Room
) -> None:
    talk = await ben.say(hall)
    ban = await ada.ban(ben, engine, reason="Spam")
    assert (ban.user_id, ban.creator_id, ban.reason, ban.end_time) == (ben.id, ada.id, "Spam", None)
    assert engine.id in {house.id for house in (await ben.ask(houses.list_houses, ALL)).items}
    house = await ben.see(houses.load_houses, engine.id)
    assert (house.standing.rank, house.standing.banned, house.member_count) == (None, True, 1)
    for refused in (
        ben.see(rooms.load_rooms, hall.id),
        ben.see(talks.load_talks, talk.id),
        ben.listed(rooms.list_rooms, engine.id),
        ben.listed(members.list_members, engine.id),
        ben.listed(talks.list_talks, hall.id),
        ben.say(hall),
        ben.perform(talks.remove_talk, talk.id),
        ben.open(engine),
        ben.perform(members.join_house, engine.id),
        ben.leave(engine),
    ):
        with pytest.raises(Forbidden, match="a ban from this house is in force"):
            await refused
    assert (await ben.ask(rooms.list_all_rooms, ALL)).items == []
    assert (await ben.ask(talks.list_all_talks, ALL)).items == []


async def test_who_is_banned_from_a_private_house_does_not_know_of_it(
    ada: Person, ben: Person, study: House, desk: Room
) -> None:
    await ada.ban(ben, study)
    assert await ben.ask(houses.load_houses, [study.id]) == {}
    assert await ben.ask(rooms.load_rooms, [desk.id]) == {}
    with pytest.raises(NotFound, match="There is no such room"):
        await ben.say(desk)


async def test_a_ban_outlives_leaving_and_beats_invites_joining_and_speaking(
    ada: Person, ben: Person, engine: House, hall: Room
) -> None:
    _, code = await ada.invite(engine)
    await ben.leave(engine)
    await ada.ban(ben, engine)
    for refused in (
        ben.perform(invites.accept_invite, code),
        ben.ask(invites.look_at_invite, code),
        ben.perform(members.join_house, engine.id),
        ben.say(hall),
        ben.open(engine),
    ):
        with pytest.raises(Forbidden, match="a ban"):
            await refused
    assert (await ben.standing(engine)).rank is None


async def test_a_ban_takes_a_join_request_away_and_hides_that_there_could_be_one(
    ada: Person, cleo: Person, study: House
) -> None:
    await ada.perform(houses.update_house, study.id, None, None, None, True)
    request = await cleo.perform(join_requests.request_to_join, study.id)
    await ada.ban(cleo, study)
    assert await ada.listed(join_requests.list_join_requests, study.id) == []
    with pytest.raises(NotFound):
        await ada.perform(join_requests.approve_join_request, request.id)
    with pytest.raises(NotFound, match="There is no such house"):
        await cleo.perform(join_requests.request_to_join, study.id)


async def test_somebody_who_never_was_a_member_can_be_banned(
    ada: Person, cleo: Person, engine: House, hall: Room
) -> None:
    await ada.ban(cleo, engine)
    with pytest.raises(Forbidden):
        await cleo.say(hall)
    assert (await ada.see(houses.load_houses, engine.id)).member_count == 2


async def test_a_user_who_never_was_cannot_be_banned(ada: Person, engine: House) -> None:
    with pytest.raises(NotFound, match="There is no such user"):
        await ada.perform(moderation.ban_user, engine.id, 99_999)


async def test_who_is_unbanned_is_no_member_and_may_come_back(
    ada: Person, ben: Person, engine: House
) -> None:
    await ada.ban(ben, engine)
    assert (await unban(ada, ben, engine)).journal_seq == (
        await ada.see(houses.load_houses, engine.id)
    ).journal_seq
    assert await ben.standing(engine) == Standing()
    assert (await ben.perform(members.join_house, engine.id)).standing.rank == Rank.MEMBER
    with pytest.raises(NotFound, match="There is no such ban"):
        await unban(ada, ben, engine)


async def test_a_ban_ends_by_itself_and_counts_then_as_if_it_never_was(
    chat: Chat, ada: Person, ben: Person, engine: House, hall: Room
) -> None:
    ban = await ada.ban(ben, engine, end_time=soon())
    assert await ada.listed(moderation.list_bans, engine.id) == [ban]
    assert await ada.see(moderation.load_bans, ban.id) == ban
    with pytest.raises(Forbidden, match=f"until {ban.end_time:%Y-%m-%d %H:%M} UTC"):
        await ben.say(hall)
    await set_all(chat, tables.bans, end_time=lately())
    assert await ada.listed(moderation.list_bans, engine.id) == []
    assert await ada.ask(moderation.load_bans, [ban.id]) == {}
    with pytest.raises(NotFound):
        await unban(ada, ben, engine)
    await ben.say(hall)
    assert (await ben.standing(engine)).rank == Rank.MEMBER
    assert (await ada.ban(ben, engine)).end_time is None


async def test_a_second_ban_takes_the_place_of_the_first(
    ada: Person, ben: Person, cleo: Person, moderator: Person, engine: House
) -> None:
    await moderator.ban(cleo, engine, reason="Spam")
    second = await ada.ban(cleo, engine, reason="More spam", end_time=soon())
    assert await ada.listed(moderation.list_bans, engine.id) == [second]
    assert (second.creator_id, second.reason) == (ada.id, "More spam")


async def test_bans_are_listed_newest_first_to_moderators_alone(
    ada: Person, moderator: Person, cleo: Person, dora: Person, engine: House
) -> None:
    bans = [await moderator.ban(person, engine) for person in (cleo, dora)]
    assert await ada.listed(moderation.list_bans, engine.id) == bans[::-1]
    await ada.make(moderator, Rank.MEMBER, engine)
    for person in (moderator, cleo):
        with pytest.raises(Forbidden):
            await person.listed(moderation.list_bans, engine.id)
        with pytest.raises(Forbidden):
            await person.see(moderation.load_bans, bans[0].id)


async def test_a_moderator_ends_a_ban_that_the_owner_made(
    ada: Person, moderator: Person, cleo: Person, engine: House
) -> None:
    await ada.ban(cleo, engine)
    await unban(moderator, cleo, engine)
    assert not (await cleo.standing(engine)).banned


async def age(chat: Chat, talk: Talk, by: timedelta) -> None:
    """Make it so that a talk was posted longer ago."""
    await set_all(chat, tables.talks, where=tables.talks.c.id == talk.id, create_time=talk.create_time - by)


async def test_what_somebody_said_lately_is_removed_with_a_ban_and_nothing_else(
    chat: Chat, ada: Person, ben: Person, engine: House, hall: Room, desk: Room
) -> None:
    attic = await ada.open(engine, "Attic")
    old, new = [await ben.say(hall, content) for content in ("old", "new")]
    other, elsewhere, adas = await ben.say(attic), await ben.say(desk), await ada.say(hall)
    taken_back = await ben.perform(talks.remove_talk, (await ben.say(hall)).id)
    await age(chat, old, 2 * HOUR + timedelta(minutes=1))
    await age(chat, new, 2 * HOUR - timedelta(minutes=1))
    before = await read_journal(chat, engine.id)
    await ada.ban(ben, engine, remove_hours=2)
    now = {talk.id: talk for talk in await ada.listed(talks.list_talks, hall.id)}
    assert (now[new.id].content, now[new.id].seq) == (None, new.seq)
    assert now[new.id].remove_time is not None
    assert (now[old.id].content, now[adas.id], now[taken_back.id]) == ("old", adas, taken_back)
    assert (await ada.see(talks.load_talks, other.id)).content is None
    assert await ada.see(talks.load_talks, elsewhere.id) == elsewhere
    told = (await read_journal(chat, engine.id))[len(before) :]
    assert [(entry.kind, entry.subject_id, entry.room_id) for entry in told] == [
        (Kind.MEMBER_LEFT, ben.id, None),
        (Kind.USER_BANNED, ben.id, None),
        (Kind.TALK_REMOVED, new.id, hall.id),
        (Kind.TALK_REMOVED, other.id, attic.id),
    ]
    assert {(entry.actor_id, entry.time) for entry in told} == {(ada.id, now[new.id].remove_time)}


async def test_nothing_is_told_of_talks_in_a_room_that_is_deleted(
    chat: Chat, ada: Person, ben: Person, engine: House, hall: Room
) -> None:
    await ben.say(hall)
    await ada.perform(rooms.delete_room, hall.id)
    await ada.ban(ben, engine, remove_hours=1)
    assert (await read_journal(chat, engine.id))[-1].kind is Kind.USER_BANNED


async def test_a_ban_removes_the_talks_of_up_to_a_week(
    chat: Chat, ada: Person, ben: Person, engine: House, hall: Room
) -> None:
    talk = await ben.say(hall)
    await age(chat, talk, 167 * HOUR)
    for hours in (-1, 169):
        with pytest.raises(Invalid) as refused:
            await ada.ban(ben, engine, remove_hours=hours)
        assert refused.value.field == "removeTalksOfHours"
    await ada.ban(ben, engine, remove_hours=0)
    assert (await ada.see(talks.load_talks, talk.id)).content == "Hello"
    await ada.ban(ben, engine, remove_hours=168)
    assert (await ada.see(talks.load_talks, talk.id)).content is None


async def test_a_house_that_the_operator_hands_over_takes_ban_and_mute_from_its_owner(
    operator: Caller, ada: Person, ben: Person, cleo: Person, engine: House, hall: Room
) -> None:
    await ada.mute(ben, engine)
    await ada.ban(cleo, engine)
    for heir in (ben, cleo):
        await operator.perform(members.hand_over, engine.id, heir.id)
        assert await heir.standing(engine) == Standing(Rank.OWNER)
        await heir.say(hall)
