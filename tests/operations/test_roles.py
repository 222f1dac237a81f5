"""Roles: who is made what, who owns a house, and who is put out of it."""

import pytest

from chatgraph.chat import Chat
from chatgraph.errors import Conflict, Forbidden, Invalid, NotFound
from chatgraph.models import House, Rank, Room, Visibility
from chatgraph.operations import accounts, houses, invites, members, talks
from tests.operations.people import Caller, Person, read_journal


async def transfer(person: Person, heir: Person, house: House) -> House:
    return await person.perform(members.transfer_house, house.id, heir.id)


async def remove(person: Person, whom: Person, house: House) -> House:
    return await person.perform(members.remove_member, house.id, whom.id)


async def ranks(person: Person, house: House) -> dict[int, int]:
    """Give the rank of each member; the count that the house tells must agree."""
    listed = await person.listed(members.list_members, house.id)
    assert (await person.see(houses.load_houses, house.id)).member_count == len(listed)
    return {member.user_id: member.rank for member in listed}


async def test_the_owner_makes_moderators_and_takes_it_back(ada: Person, ben: Person, engine: House) -> None:
    for rank in (Rank.MODERATOR, Rank.MEMBER):
        member = await ada.make(ben, rank, engine)
        assert (member.user_id, member.rank) == (ben.id, rank)
        assert (await ben.standing(engine)).rank == rank
        assert await ada.make(ben, rank, engine) == member


async def test_nobody_but_the_owner_sets_roles_and_nobody_their_own(
    ada: Person, moderator: Person, cleo: Person, dora: Person, engine: House
) -> None:
    await cleo.enter(engine)
    before = await ranks(ada, engine)
    for person in (moderator, cleo, dora):
        for subject in (ada, moderator, cleo):
            with pytest.raises(Forbidden, match="You may not set somebody's role: only"):
                await person.make(subject, Rank.MODERATOR, engine)
    with pytest.raises(Forbidden, match="isn't lower"):
        await ada.make(ada, Rank.MODERATOR, engine)
    assert await ranks(ada, engine) == before


async def test_an_owner_is_made_by_a_transfer_alone(ada: Person, ben: Person, engine: House) -> None:
    with pytest.raises(Invalid, match="`transferHouse` makes another owner") as refused:
        await ada.make(ben, Rank.OWNER, engine)
    assert refused.value.field == "role"
    assert await ranks(ada, engine) == {ada.id: Rank.OWNER, ben.id: Rank.MEMBER}


async def test_a_role_is_given_to_members_alone(ada: Person, cleo: Person, engine: House) -> None:
    for call in (
        ada.make(cleo, Rank.MODERATOR, engine),
        transfer(ada, cleo, engine),
        remove(ada, cleo, engine),
    ):
        with pytest.raises(NotFound, match="There is no such member"):
            await call


async def test_a_house_that_is_transferred_has_one_owner_and_the_old_one_is_a_moderator(
    ada: Person, ben: Person, engine: House
) -> None:
    given = await transfer(ada, ben, engine)
    assert given == await ada.see(houses.load_houses, engine.id)
    assert await ranks(ada, engine) == {ada.id: Rank.MODERATOR, ben.id: Rank.OWNER}
    with pytest.raises(Forbidden, match="only the owner may"):
        await transfer(ada, ben, engine)
    assert (await transfer(ben, ada, engine)).standing.rank == Rank.MODERATOR
    assert await ranks(ada, engine) == {ada.id: Rank.OWNER, ben.id: Rank.MODERATOR}


async def test_nobody_but_the_owner_transfers_a_house_and_not_to_themselves(
    ada: Person, moderator: Person, cleo: Person, engine: House
) -> None:
    for person, heir in ((moderator, moderator), (cleo, moderator), (ada, ada)):
        with pytest.raises(Forbidden, match="You may not transfer this house"):
            await transfer(person, heir, engine)
    assert (await ranks(ada, engine))[ada.id] == Rank.OWNER


async def test_a_house_is_not_transferred_to_who_is_deactivated(
    operator: Caller, ada: Person, ben: Person, engine: House
) -> None:
    await operator.perform(accounts.deactivate, "ben")
    with pytest.raises(Conflict, match="deactivated") as refused:
        await transfer(ada, ben, engine)
    assert refused.value.field == "userId"
    assert await ranks(ada, engine) == {ada.id: Rank.OWNER, ben.id: Rank.MEMBER}


async def test_a_new_owner_is_not_muted_since_nobody_could_end_that(
    ada: Person, ben: Person, engine: House, hall: Room
) -> None:
    await ada.mute(ben, engine)
    await transfer(ada, ben, engine)
    await ben.say(hall)


async def test_who_is_removed_is_no_member_and_may_come_back(
    chat: Chat, ada: Person, ben: Person, engine: House, hall: Room
) -> None:
    talk = await ben.say(hall)
    left = await remove(ada, ben, engine)
    assert left == await ada.see(houses.load_houses, engine.id)
    assert await ranks(ada, engine) == {ada.id: Rank.OWNER}
    assert await ada.see(talks.load_talks, talk.id) == talk
    last = (await read_journal(chat, engine.id))[-1]
    assert (last.subject_id, last.actor_id) == (ben.id, ada.id)
    await ben.perform(members.join_house, engine.id)
    assert await ranks(ada, engine) == {ada.id: Rank.OWNER, ben.id: Rank.MEMBER}


async def test_who_is_removed_from_a_private_house_needs_an_invite(
    ada: Person, ben: Person, study: House
) -> None:
    await remove(ada, ben, study)
    assert await ben.ask(houses.load_houses, [study.id]) == {}
    _, code = await ada.invite(study)
    assert (await ben.perform(invites.accept_invite, code)).standing.rank == Rank.MEMBER


async def test_nobody_removes_their_equals_who_is_above_them_or_themselves(
    ada: Person, moderator: Person, cleo: Person, dora: Person, engine: House
) -> None:
    for person in (cleo, dora):
        await person.enter(engine)
    await ada.make(cleo, Rank.MODERATOR, engine)
    for person, subject in (
        (moderator, cleo), (moderator, ada), (moderator, moderator), (dora, ada), (dora, moderator),
        (dora, dora), (ada, ada),
    ):  # fmt: skip
        with pytest.raises(Forbidden, match="You may not remove somebody from this house"):
            await remove(person, subject, engine)
    await remove(moderator, dora, engine)
    await remove(ada, cleo, engine)
    assert set(await ranks(ada, engine)) == {ada.id, moderator.id}


async def test_the_owner_can_neither_leave_nor_be_put_out(
    ada: Person, moderator: Person, cleo: Person, engine: House
) -> None:
    for refused in (
        ada.leave(engine),
        remove(moderator, ada, engine),
        moderator.ban(ada, engine),
        ada.ban(ada, engine),
        cleo.ban(ada, engine),
    ):
        with pytest.raises(Forbidden):
            await refused
    assert (await ranks(ada, engine))[ada.id] == Rank.OWNER
    await transfer(ada, moderator, engine)
    assert (await ada.leave(engine)).standing.rank is None
    assert await ranks(moderator, engine) == {moderator.id: Rank.OWNER}


async def test_roles_in_a_hidden_house_are_not_found_like_in_none(
    ada: Person, cleo: Person, study: House
) -> None:
    gone = await ada.found("Ruin", Visibility.PRIVATE)
    await ada.perform(houses.delete_house, gone.id)
    for house in (study, gone, study._replace(id=99_999)):
        for call in (
            cleo.make(ada, Rank.MEMBER, house),
            transfer(cleo, ada, house),
            remove(cleo, ada, house),
        ):
            with pytest.raises(NotFound, match="There is no such house"):
                await call
