"""Moderation: who keeps whom out or silent, and for how long."""

from datetime import UTC, datetime

import pytest

from chatgraph.chat import Chat
from chatgraph.errors import Forbidden, Invalid, NotFound
from chatgraph.models import House, Rank, Room, Standing
from chatgraph.operations import members, moderation, rooms, talks
from chatgraph.store import tables
from tests.operations.people import HOUR, Person, lately, read_journal, set_all, soon


async def unban(person: Person, whom: Person, house: House) -> House:
    return await person.perform(moderation.unban_user, house.id, whom.id)


async def unmute(person: Person, whom: Person, house: House) -> None:
    await person.perform(moderation.unmute_member, house.id, whom.id)


async def test_nobody_bans_or_mutes_themselves_their_equals_or_who_is_above_them(
    chat: Chat, ada: Person, moderator: Person, cleo: Person, dora: Person, engine: House
) -> None:
    for person in (cleo, dora):
        await person.enter(engine)
    await ada.make(dora, Rank.MODERATOR, engine)
    before = await read_journal(chat, engine.id)
    pairs = [(one, other) for one in (moderator, dora) for other in (ada, moderator, dora)]
    pairs += [(cleo, other) for other in (ada, moderator, dora, cleo)] + [(ada, ada)]
    for actor, subject in pairs:
        for act in (actor.ban, actor.mute):
            with pytest.raises(Forbidden, match=r"isn't lower|only moderators"):
                await act(subject, engine)
        with pytest.raises(Forbidden):
            await unmute(actor, subject, engine)
    assert await read_journal(chat, engine.id) == before


async def test_moderators_ban_and_mute_who_is_below_them(
    ada: Person, moderator: Person, cleo: Person, dora: Person, engine: House
) -> None:
    await cleo.enter(engine)
    for actor, subject in ((moderator, cleo), (ada, cleo), (ada, moderator)):
        assert (await actor.mute(subject, engine)).mute_end is not None
        await unmute(actor, subject, engine)
        await actor.ban(subject, engine)
        assert (await subject.standing(engine)).banned
        await unban(actor, subject, engine)
        await subject.perform(members.join_house, engine.id)
        assert await subject.standing(engine) == Standing(Rank.MEMBER)
    for stranger in (dora, cleo):
        with pytest.raises(Forbidden):
            await stranger.ban(ada, engine)
        with pytest.raises(Forbidden):
            await unban(stranger, dora, engine)


@pytest.mark.parametrize("reason", ["x" * 513, "\0", "\ud800"])
async def test_a_reason_has_at_most_512_characters(
    chat: Chat, ada: Person, ben: Person, cleo: Person, engine: House, reason: str
) -> None:
    await ada.ban(cleo, engine, reason="x" * 512)
    before = await read_journal(chat, engine.id)
    for refused in (
        ada.ban(ben, engine, reason=reason),
        ada.perform(moderation.unban_user, engine.id, cleo.id, reason),
        ada.perform(moderation.mute_member, engine.id, ben.id, soon(), reason),
        ada.perform(moderation.unmute_member, engine.id, ben.id, reason),
        ada.perform(members.remove_member, engine.id, ben.id, reason),
        ada.perform(members.set_role, engine.id, ben.id, Rank.MODERATOR, reason),
        ada.perform(members.transfer_house, engine.id, ben.id, reason),
    ):
        with pytest.raises(Invalid) as invalid:
            await refused
        assert invalid.value.field == "reason"
    assert await read_journal(chat, engine.id) == before


async def test_what_ends_must_end_in_the_future(ada: Person, ben: Person, engine: House) -> None:
    for refused in (
        ada.ban(ben, engine, end_time=lately()),
        ada.perform(moderation.mute_member, engine.id, ben.id, lately()),
    ):
        with pytest.raises(Invalid, match="must be in the future; the server's time is") as invalid:
            await refused
        assert invalid.value.field == "endTime"
    assert await ben.standing(engine) == Standing(Rank.MEMBER)


async def test_who_is_muted_says_nothing_new_and_goes_on_to_read_and_to_take_back(
    ada: Person, ben: Person, engine: House, hall: Room
) -> None:
    talk, room = await ben.say(hall), await ben.open(engine, "Attic")
    muted = await ada.mute(ben, engine)
    for refused in (
        ben.say(hall),
        ben.perform(talks.edit_talk, talk.id, "Goodbye"),
        ben.open(engine),
        ben.perform(rooms.update_room, room.id, "I was muted", None),
    ):
        with pytest.raises(Forbidden, match=f"a mute is in force until {muted.mute_end:%Y-%m-%d %H:%M} UTC"):
            await refused
    assert await ben.listed(talks.list_talks, hall.id) == [talk]
    assert (await ben.perform(talks.remove_talk, talk.id)).content is None
    await ben.perform(rooms.archive_room, room.id)


async def test_a_mute_survives_leaving_and_coming_back(
    ada: Person, ben: Person, engine: House, hall: Room
) -> None:
    end_time = (await ada.mute(ben, engine)).mute_end
    await ben.leave(engine)
    with pytest.raises(Forbidden, match="a mute"):
        await ben.say(hall)
    assert (await ben.standing(engine)).rank is None
    joined = await ben.perform(members.join_house, engine.id)
    assert (joined.standing.rank, joined.standing.mute_end) == (Rank.MEMBER, end_time)
    with pytest.raises(Forbidden, match="a mute"):
        await ben.say(hall)


async def test_a_mute_ends_by_itself(chat: Chat, ada: Person, ben: Person, engine: House, hall: Room) -> None:
    muted = await ada.mute(ben, engine)
    assert await ada.see(members.load_members, muted.id) == muted
    await set_all(chat, tables.mutes, end_time=lately())
    assert (await ada.see(members.load_members, muted.id)).mute_end is None
    assert {member.mute_end for member in await ada.listed(members.list_members, engine.id)} == {None}
    await ben.say(hall)
    await ada.mute(ben, engine)
    with pytest.raises(Forbidden):
        await ben.say(hall)


async def test_a_second_mute_takes_the_place_of_the_first_and_unmuting_ends_it(
    ada: Person, ben: Person, engine: House, hall: Room
) -> None:
    await ada.mute(ben, engine)
    later = datetime.now(UTC) + 5 * HOUR
    assert (await ada.perform(moderation.mute_member, engine.id, ben.id, later)).mute_end == later
    assert (await ben.standing(engine)).mute_end == later
    await unmute(ada, ben, engine)
    await ben.say(hall)


async def test_a_mute_is_for_members_of_one_house(
    ada: Person, ben: Person, cleo: Person, engine: House, hall: Room, desk: Room
) -> None:
    with pytest.raises(NotFound, match="There is no such member"):
        await ada.mute(cleo, engine)
    await ada.mute(ben, engine)
    [elsewhere] = [
        one for one in await ada.listed(members.list_members, desk.house_id) if one.user_id == ben.id
    ]
    assert elsewhere.mute_end is None
    assert await ada.see(members.load_members, elsewhere.id) == elsewhere
    await ben.say(desk)
