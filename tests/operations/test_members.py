"""Members: joining, leaving, being listed, and who owns a house."""

import asyncio

import pytest

from chatgraph.chat import Chat
from chatgraph.errors import Forbidden, NotFound, Unauthenticated
from chatgraph.models import House, Membership, Rank, Window
from chatgraph.operations import houses, members, rooms
from tests.operations.people import Person

ALL = Window(50)


async def ranks(person: Person, house: House) -> dict[int, int]:
    """Give the rank of each member; the count that the house tells must agree."""
    listed = await person.listed(members.list_members, house.id)
    assert (await person.see(houses.load_houses, house.id)).member_count == len(listed)
    return {member.user_id: member.rank for member in listed}


async def test_a_public_house_is_joined_by_who_wants_to(ada: Person, cleo: Person, engine: House) -> None:
    joined = await cleo.perform(members.join_house, engine.id)
    assert (joined.standing.rank, joined.member_count) == (Rank.MEMBER, 3)
    assert (await ranks(ada, engine))[cleo.id] == Rank.MEMBER


async def test_a_member_who_joins_stays_what_they_are(ada: Person, ben: Person, engine: House) -> None:
    for person, rank in ((ada, Rank.OWNER), (ben, Rank.MEMBER)):
        assert (await person.perform(members.join_house, engine.id)).standing.rank == rank
    assert await ranks(ada, engine) == {ada.id: Rank.OWNER, ben.id: Rank.MEMBER}


async def test_who_joins_many_times_at_once_is_one_member(ada: Person, cleo: Person, engine: House) -> None:
    await asyncio.gather(*(cleo.perform(members.join_house, engine.id) for _ in range(20)))
    assert len(await ranks(ada, engine)) == 3


async def test_nobody_joins_a_private_house(cleo: Person, study: House) -> None:
    with pytest.raises(NotFound, match="There is no such house"):
        await cleo.perform(members.join_house, study.id)


async def test_opening_a_room_in_a_public_house_joins_it(ada: Person, cleo: Person, engine: House) -> None:
    await cleo.open(engine)
    assert (await ranks(ada, engine))[cleo.id] == Rank.MEMBER
    assert await cleo.open(engine)


async def test_who_leaves_is_no_member_and_may_come_back(ada: Person, ben: Person, engine: House) -> None:
    left = await ben.leave(engine)
    assert (left.standing.rank, left.member_count) == (None, 1)
    assert await ranks(ada, engine) == {ada.id: Rank.OWNER}
    await ben.perform(members.join_house, engine.id)
    assert await ranks(ada, engine) == {ada.id: Rank.OWNER, ben.id: Rank.MEMBER}


async def test_who_leaves_a_private_house_does_not_see_it_any_more(ben: Person, study: House) -> None:
    await ben.leave(study)
    assert await ben.ask(houses.load_houses, [study.id]) == {}
    with pytest.raises(NotFound):
        await ben.leave(study)


async def test_who_is_no_member_cannot_leave(cleo: Person, engine: House) -> None:
    with pytest.raises(Forbidden, match="only members may"):
        await cleo.leave(engine)


async def test_the_owner_cannot_leave(ada: Person, engine: House) -> None:
    with pytest.raises(Forbidden):
        await ada.leave(engine)
    assert (await ranks(ada, engine))[ada.id] == Rank.OWNER


async def test_a_moderator_may_leave(ada: Person, moderator: Person, engine: House) -> None:
    assert (await ranks(ada, engine))[moderator.id] == Rank.MODERATOR
    await moderator.leave(engine)
    assert await ranks(ada, engine) == {ada.id: Rank.OWNER}


async def test_members_are_listed_longest_in_the_house_first_to_who_sees_it(
    ada: Person, ben: Person, cleo: Person, engine: House, study: House
) -> None:
    assert list(await ranks(cleo, engine)) == [ada.id, ben.id]
    listed = await cleo.ask(members.list_members, [engine.id, study.id, 99_999], ALL)
    assert list(listed) == [engine.id]
    assert set(await ben.ask(members.list_members, [engine.id, study.id], ALL)) == {engine.id, study.id}


async def test_a_member_of_a_private_house_is_found_by_id_only_inside(
    ben: Person, cleo: Person, study: House
) -> None:
    keys = [member.id for member in await ben.listed(members.list_members, study.id)]
    assert len(await ben.ask(members.load_members, keys)) == 2
    assert await cleo.ask(members.load_members, keys) == {}


async def test_a_member_of_a_private_house_is_found_by_their_membership_only_inside(
    ada: Person, ben: Person, cleo: Person, study: House
) -> None:
    wanted = [Membership(study.id, person.id) for person in (ada, ben, cleo)]
    found = await ben.ask(members.load_memberships, wanted)
    assert list(found.values()) == await ben.listed(members.list_members, study.id)
    assert list(found) == wanted[:2]
    assert await cleo.ask(members.load_memberships, wanted) == {}


async def test_members_are_hidden_from_who_is_not_signed_in(chat: Chat, engine: House) -> None:
    async with chat.visit() as visit:
        with pytest.raises(Unauthenticated):
            await visit.ask(members.list_members, [engine.id], ALL)
        with pytest.raises(Unauthenticated):
            await visit.perform(members.join_house, engine.id)


async def test_a_house_that_is_handed_over_has_one_owner(
    chat: Chat, ada: Person, ben: Person, cleo: Person, engine: House
) -> None:
    async with chat.visit() as visit:
        assert (await visit.perform(members.hand_over, engine.id, ben.id)).rank == Rank.OWNER
        assert await ranks(ada, engine) == {ada.id: Rank.MODERATOR, ben.id: Rank.OWNER}
        await visit.perform(members.hand_over, engine.id, cleo.id)
        assert await ranks(ada, engine) == {
            ada.id: Rank.MODERATOR, ben.id: Rank.MODERATOR, cleo.id: Rank.OWNER,
        }  # fmt: skip
        await visit.perform(members.hand_over, engine.id, cleo.id)
        assert list((await ranks(ada, engine)).values()).count(Rank.OWNER) == 1
        with pytest.raises(NotFound):
            await visit.perform(members.hand_over, 99_999, cleo.id)


async def test_the_first_house_of_a_server_has_no_owner_until_it_is_handed_over(
    chat: Chat, ada: Person, cleo: Person
) -> None:
    [lobby] = (await ada.ask(houses.list_houses, ALL)).items
    await cleo.perform(rooms.create_room, lobby.id, "Hall", "")
    assert await ranks(ada, lobby) == {cleo.id: Rank.MEMBER}
    async with chat.visit() as visit:
        await visit.perform(members.hand_over, lobby.id, ada.id)
    assert await ranks(ada, lobby) == {cleo.id: Rank.MEMBER, ada.id: Rank.OWNER}
