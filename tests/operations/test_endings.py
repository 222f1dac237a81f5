"""What ended somebody's right to listen is found where they may know of it, and nothing that came later."""

import pytest

from chatgraph.errors import Unauthenticated
from chatgraph.events.kinds import Kind
from chatgraph.models import House, Room, Visibility
from chatgraph.operations import houses, members, moderation, rooms
from chatgraph.operations.events import find_ending
from tests.operations.people import Person


async def ending(person: Person, house: House, room: Room | None = None) -> Kind | None:
    """Give the kind of what ended their right, who had it while the house was as *house* says."""
    found = await person.ask(find_ending, house.id, None if room is None else room.id, house.journal_seq)
    return None if found is None else Kind(found.kind)


async def now(ada: Person, house: House) -> House:
    """Give the house at the position that its journal has come to."""
    return await ada.see(houses.load_houses, house.id)


async def test_it_is_the_first_that_ended_it_whatever_came_later(
    ada: Person, ben: Person, study: House, desk: Room
) -> None:
    before = await now(ada, study)
    await ada.perform(members.remove_member, study.id, ben.id)
    await ada.perform(rooms.delete_room, desk.id)
    await ada.perform(houses.delete_house, study.id)
    assert await ending(ben, before, desk) is Kind.MEMBER_LEFT


async def test_it_is_not_what_happened_to_others_or_to_other_rooms(
    ada: Person, ben: Person, cleo: Person, study: House, desk: Room
) -> None:
    before = await now(ada, study)
    await ada.perform(rooms.delete_room, (await ada.open(study, "Attic")).id)
    await cleo.enter(study)
    await cleo.perform(members.leave_house, study.id)
    assert await ending(ben, before, desk) is None
    await ada.perform(rooms.delete_room, desk.id)
    assert await ending(ben, before, desk) is Kind.ROOM_DELETED
    assert await ending(ben, before) is None


async def test_it_is_not_what_happened_before(ada: Person, ben: Person, study: House) -> None:
    await ada.perform(members.remove_member, study.id, ben.id)
    await ben.enter(study)
    before = await now(ada, study)
    await ada.perform(houses.delete_house, study.id)
    assert await ending(ben, before) is Kind.HOUSE_DELETED


async def test_an_outsider_is_not_told_what_happened_once_the_house_was_private(
    ada: Person, cleo: Person, engine: House, hall: Room
) -> None:
    before = await now(ada, engine)
    await ada.perform(houses.update_house, engine.id, None, None, Visibility.PRIVATE)
    assert await ending(cleo, before, hall) is None
    await ada.perform(rooms.delete_room, hall.id)
    await ada.perform(houses.delete_house, engine.id)
    assert await ending(cleo, before, hall) is None


async def test_who_is_banned_is_told_that_they_are_out_and_no_more(
    ada: Person, ben: Person, cleo: Person, engine: House, hall: Room
) -> None:
    before = await now(ada, engine)
    for person in (ben, cleo):
        await ada.perform(moderation.ban_user, engine.id, person.id)
    await ada.perform(rooms.delete_room, hall.id)
    await ada.perform(houses.delete_house, engine.id)
    assert await ending(ben, before, hall) is Kind.MEMBER_LEFT
    assert await ending(cleo, before, hall) is None


async def test_a_member_of_a_house_that_was_renamed_is_told_that_they_left(
    ada: Person, ben: Person, study: House
) -> None:
    before = await now(ada, study)
    await ada.perform(houses.update_house, study.id, "Loom", None, None)
    await ben.perform(members.leave_house, study.id)
    assert await ending(ben, before) is Kind.MEMBER_LEFT


async def test_who_is_not_signed_in_is_told_nothing(ada: Person, study: House) -> None:
    async with ada.chat.visit() as visit:
        with pytest.raises(Unauthenticated):
            await visit.ask(find_ending, study.id, None, 0)
