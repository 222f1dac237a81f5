"""Join requests: asking to be let into a private house, and what becomes of that."""

import pytest

from chatgraph.chat import Chat
from chatgraph.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from chatgraph.events.kinds import Kind
from chatgraph.models import House, JoinRequest, Rank, RequestState, Visibility
from chatgraph.operations import houses, invites, join_requests, members
from tests.operations.people import ALL, Caller, Person, read_journal

PENDING, APPROVED, DECLINED = RequestState.PENDING, RequestState.APPROVED, RequestState.DECLINED


@pytest.fixture
async def club(ada: Person, ben: Person) -> House:
    """Ada's private house that takes join requests, in which Ben is a member."""
    house = await ada.perform(houses.create_house, "Club", "", Visibility.PRIVATE, True)
    await ben.enter(house)
    return house


async def ask_in(person: Caller, house: House, message: str = "") -> JoinRequest:
    return await person.perform(join_requests.request_to_join, house.id, message)


async def waiting(person: Person, house: House) -> list[int]:
    """Give who waits to be let in."""
    return [request.user_id for request in await person.listed(join_requests.list_join_requests, house.id)]


async def own(person: Person) -> list[RequestState]:
    """Give what became of what somebody asked for."""
    return [one.state for one in (await person.ask(join_requests.list_own_join_requests, ALL)).items]


async def test_who_is_approved_is_a_member(chat: Chat, ada: Person, cleo: Person, club: House) -> None:
    request = await ask_in(cleo, club, "I bring biscuits")
    assert (request.user_id, request.message, request.state) == (cleo.id, "I bring biscuits", PENDING)
    assert await cleo.ask(houses.load_houses, [club.id]) == {}
    assert await waiting(ada, club) == [cleo.id]
    approved = await ada.perform(join_requests.approve_join_request, request.id)
    assert (approved.state, approved.decide_time is None) == (APPROVED, False)
    assert await cleo.see(join_requests.load_join_requests, request.id) == approved
    assert (await cleo.standing(club)).rank == Rank.MEMBER
    assert await waiting(ada, club) == []
    joined = (await read_journal(chat, club.id))[-1]
    assert (joined.kind, joined.subject_id, joined.actor_id) == (Kind.MEMBER_JOINED, cleo.id, ada.id)


async def test_who_is_declined_stays_outside_and_may_ask_again(
    ada: Person, cleo: Person, club: House
) -> None:
    request = await ask_in(cleo, club)
    assert (await ada.perform(join_requests.decline_join_request, request.id)).state is DECLINED
    assert await cleo.ask(houses.load_houses, [club.id]) == {}
    assert (await waiting(ada, club), await own(cleo)) == ([], [DECLINED])
    again = await ask_in(cleo, club, "Please")
    assert again.id != request.id
    assert (await waiting(ada, club), await own(cleo)) == ([cleo.id], [PENDING])


async def test_a_request_is_decided_once(ada: Person, cleo: Person, dora: Person, club: House) -> None:
    approved, declined = await ask_in(cleo, club), await ask_in(dora, club)
    await ada.perform(join_requests.approve_join_request, approved.id)
    await ada.perform(join_requests.decline_join_request, declined.id)
    for request, state in ((approved, "approved"), (declined, "declined")):
        for decide in (join_requests.approve_join_request, join_requests.decline_join_request):
            with pytest.raises(Conflict, match=f"This request was {state} already") as refused:
                await ada.perform(decide, request.id)
            assert refused.value.field == "joinRequestId"
    assert (await cleo.standing(club)).rank == Rank.MEMBER
    assert await dora.ask(houses.load_houses, [club.id]) == {}


async def test_asking_again_while_a_request_waits_changes_nothing(
    ada: Person, cleo: Person, club: House
) -> None:
    request = await ask_in(cleo, club, "Hello")
    assert await ask_in(cleo, club, "Hello?!") == request
    assert await waiting(ada, club) == [cleo.id]


async def test_a_request_is_taken_back_by_who_made_it_alone(
    ada: Person, ben: Person, cleo: Person, dora: Person, club: House
) -> None:
    request = await ask_in(cleo, club)
    for person in (ada, ben, dora):
        with pytest.raises(NotFound, match="There is no such join request"):
            await person.perform(join_requests.withdraw_join_request, request.id)
    assert await cleo.perform(join_requests.withdraw_join_request, request.id) == request.id
    assert (await waiting(ada, club), await own(cleo)) == ([], [])
    with pytest.raises(NotFound):
        await ada.perform(join_requests.approve_join_request, request.id)


async def test_only_moderators_see_and_decide_the_requests_of_others(
    ada: Person, ben: Person, cleo: Person, dora: Person, club: House
) -> None:
    request = await ask_in(cleo, club)
    for refused in (
        ben.listed(join_requests.list_join_requests, club.id),
        ben.see(join_requests.load_join_requests, request.id),
        ben.perform(join_requests.approve_join_request, request.id),
        ben.perform(join_requests.decline_join_request, request.id),
    ):
        with pytest.raises(
            Forbidden, match="You may not decide on join requests: only moderators and the owner may"
        ):
            await refused
    for person in (cleo, dora):
        for decide in (join_requests.approve_join_request, join_requests.decline_join_request):
            with pytest.raises(NotFound, match="There is no such join request"):
                await person.perform(decide, request.id)
    assert await dora.ask(join_requests.load_join_requests, [request.id]) == {}
    assert await cleo.see(join_requests.load_join_requests, request.id) == request
    assert await cleo.ask(join_requests.list_join_requests, [club.id], ALL) == {}
    await ada.make(ben, Rank.MODERATOR, club)
    await ben.perform(join_requests.approve_join_request, request.id)


async def test_requests_are_listed_longest_waiting_first_and_ones_own_newest_first(
    ada: Person, cleo: Person, dora: Person, club: House
) -> None:
    other = await ada.perform(houses.create_house, "Attic", "", Visibility.PRIVATE, True)
    for person, house in ((dora, club), (cleo, club), (cleo, other)):
        await ask_in(person, house)
    assert await waiting(ada, club) == [dora.id, cleo.id]
    listed = (await cleo.ask(join_requests.list_own_join_requests, ALL)).items
    assert [request.house_id for request in listed] == [other.id, club.id]


async def test_nobody_can_tell_a_private_house_that_takes_no_requests_from_none(
    ada: Person, cleo: Person, study: House, club: House
) -> None:
    for house_id in (study.id, 99_999):
        with pytest.raises(NotFound, match="There is no such house"):
            await cleo.perform(join_requests.request_to_join, house_id)
    await ada.perform(houses.update_house, club.id, None, None, None, False)
    with pytest.raises(NotFound, match="There is no such house"):
        await ask_in(cleo, club)


async def test_nobody_asks_to_be_let_in_where_they_are_or_could_go(
    ada: Person, ben: Person, cleo: Person, engine: House, club: House
) -> None:
    for person, house in ((ben, club), (ada, club), (ben, engine), (cleo, engine)):
        with pytest.raises(Conflict) as refused:
            await ask_in(person, house)
        assert refused.value.field == "houseId"
    await ada.ban(cleo, engine)
    with pytest.raises(Forbidden, match="a ban"):
        await ask_in(cleo, engine)


async def test_a_message_has_at_most_512_characters(cleo: Person, club: House) -> None:
    with pytest.raises(Invalid) as refused:
        await ask_in(cleo, club, "x" * 513)
    assert refused.value.field == "message"
    assert len((await ask_in(cleo, club, "x" * 512)).message) == 512


async def test_who_comes_in_by_another_way_waits_no_more(
    ada: Person, cleo: Person, dora: Person, club: House
) -> None:
    for person in (cleo, dora):
        await ask_in(person, club)
    _, code = await ada.invite(club)
    await cleo.perform(invites.accept_invite, code)
    assert (await waiting(ada, club), await own(cleo)) == ([dora.id], [APPROVED])
    await ada.perform(houses.update_house, club.id, None, None, Visibility.PUBLIC)
    await dora.perform(members.join_house, club.id)
    assert (await waiting(ada, club), await own(dora)) == ([], [APPROVED])


async def test_who_left_after_they_were_approved_may_ask_again(
    ada: Person, cleo: Person, club: House
) -> None:
    await ada.perform(join_requests.approve_join_request, (await ask_in(cleo, club)).id)
    await cleo.leave(club)
    assert (await ask_in(cleo, club)).state is PENDING
    assert await waiting(ada, club) == [cleo.id]


async def test_who_is_not_signed_in_asks_nothing(operator: Caller, club: House) -> None:
    with pytest.raises(Unauthenticated):
        await ask_in(operator, club)
    with pytest.raises(Unauthenticated):
        await operator.ask(join_requests.list_own_join_requests, ALL)
    with pytest.raises(Unauthenticated):
        await operator.ask(join_requests.load_join_requests, [1])
