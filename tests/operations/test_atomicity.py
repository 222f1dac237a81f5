"""Atomicity: what many do at once comes out as if they had done it one after the other."""

import asyncio
from collections import Counter
from collections.abc import Awaitable
from typing import Any

import pytest

from chatgraph.chat import Chat
from chatgraph.errors import Conflict, Forbidden, NotFound, Unauthenticated
from chatgraph.events.kinds import Kind
from chatgraph.models import Act, House, JoinRequest, Rank, Room, Talk, User, Visibility
from chatgraph.operations import accounts, houses, invites, join_requests, members, sessions, talks
from chatgraph.operations.work import Work
from chatgraph.store import accounts as kept_accounts
from chatgraph.store import tables
from tests.cast import PASSWORD
from tests.operations.people import Caller, Person, count, read_journal, read_log


async def at_once(chat: Chat, *calls: Awaitable[Any]) -> list[Any]:
    """Start all calls together and give what became of each, having seen that they shared transactions."""
    commits = chat.database.writer.commits
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert 1 <= chat.database.writer.commits - commits < len(calls) / 2
    return outcomes


def kinds(outcomes: list[Any]) -> Counter[type]:
    """Count what became of calls."""
    return Counter(type(outcome) for outcome in outcomes)


async def ranks(person: Person, house: House) -> dict[int, int]:
    """Give the rank of each member; the count that the house tells must agree."""
    listed = await person.listed(members.list_members, house.id)
    assert (await person.see(houses.load_houses, house.id)).member_count == len(listed)
    return {member.user_id: member.rank for member in listed}


@pytest.fixture
async def crowd(chat: Chat, operator: Caller) -> list[Person]:
    """Fifty users who never sign in."""

    async def enroll(work: Work, name: str) -> User:
        return await kept_accounts.add(work.db, name, name, name, "", work.now)

    return [Person(chat, await operator.perform(enroll, f"crowd{n}")) for n in range(50)]


async def test_of_50_who_accept_an_invite_with_10_uses_left_10_come_in(
    chat: Chat, ada: Person, study: House, crowd: list[Person]
) -> None:
    invite, code = await ada.invite(study, most_uses=10)
    for expected in ({House: 10, NotFound: 40}, {House: 10, NotFound: 40}):
        outcomes = await at_once(chat, *(person.perform(invites.accept_invite, code) for person in crowd))
        assert kinds(outcomes) == expected
    assert (await ada.see(invites.load_invites, invite.id)).uses == 10
    assert len(await ranks(ada, study)) == 12
    joined = [one for one in await read_journal(chat, study.id) if one.kind is Kind.MEMBER_JOINED]
    assert len(joined) == 12


async def test_50_parallel_accepts_by_one_user_use_one(
    chat: Chat, ada: Person, cleo: Person, study: House
) -> None:
    invite, code = await ada.invite(study, most_uses=10)
    outcomes = await at_once(chat, *(cleo.perform(invites.accept_invite, code) for _ in range(50)))
    assert kinds(outcomes) == {House: 50}
    assert (await ada.see(invites.load_invites, invite.id)).uses == 1
    assert len(await ranks(ada, study)) == 3


async def test_of_many_parallel_transfers_of_a_house_one_succeeds(
    chat: Chat, ada: Person, engine: House, crowd: list[Person]
) -> None:
    heirs = crowd[:10]
    for heir in heirs:
        await heir.enter(engine)
    before = await read_log(chat)
    outcomes = await at_once(
        chat, *(ada.perform(members.transfer_house, engine.id, heir.id) for heir in heirs)
    )
    assert kinds(outcomes) == {House: 1, Forbidden: 9}
    now = await ranks(ada, engine)
    heir = next(heir for heir, outcome in zip(heirs, outcomes, strict=True) if isinstance(outcome, House))
    assert [user_id for user_id, rank in now.items() if rank == Rank.OWNER] == [heir.id]
    assert now[ada.id] == Rank.MODERATOR
    [row] = (await read_log(chat))[len(before) :]
    assert (row.act, row.subject_id) == (Act.HOUSE_TRANSFERRED, heir.id)


async def test_nothing_that_is_posted_comes_after_the_ban_of_its_author(
    chat: Chat, ada: Person, ben: Person, engine: House, hall: Room
) -> None:
    posts = [ben.say(hall, str(n)) for n in range(50)]
    outcomes = await at_once(chat, *posts[:25], ada.ban(ben, engine), *posts[25:])
    said = [one for one in outcomes if isinstance(one, Talk)]
    refused = [one for one in outcomes if isinstance(one, Forbidden)]
    assert len(said) + len(refused) == 50
    assert all("a ban from this house is in force" in one.message for one in refused)
    told = await read_journal(chat, engine.id)
    [banned] = [one.seq for one in told if one.kind is Kind.USER_BANNED]
    posted = {one.subject_id: one.seq for one in told if one.kind is Kind.TALK_POSTED}
    assert set(posted) == {talk.id for talk in said}
    assert max(posted.values(), default=0) < banned
    assert [talk.id for talk in await ada.listed(talks.list_talks, hall.id)] == sorted(posted)


async def test_a_ban_that_removes_what_was_said_leaves_nothing_that_is_posted_at_the_same_time(
    chat: Chat, ada: Person, ben: Person, engine: House, hall: Room
) -> None:
    posts = [ben.say(hall, str(n)) for n in range(50)]
    outcomes = await at_once(chat, *posts[:25], ada.ban(ben, engine, remove_hours=1), *posts[25:])
    assert all(talk.content is None for talk in await ada.listed(talks.list_talks, hall.id))
    tally = Counter(one.kind for one in await read_journal(chat, engine.id))
    assert tally[Kind.TALK_REMOVED] == tally[Kind.TALK_POSTED] == kinds(outcomes)[Talk]


@pytest.mark.parametrize("how", ["demoted", "removed", "banned", "leaves"])
async def test_no_invite_outlives_its_makers_right_however_they_race(
    chat: Chat, ada: Person, moderator: Person, cleo: Person, engine: House, how: str
) -> None:
    end = {
        "demoted": lambda: ada.make(moderator, Rank.MEMBER, engine),
        "removed": lambda: ada.perform(members.remove_member, engine.id, moderator.id),
        "banned": lambda: ada.ban(moderator, engine),
        "leaves": lambda: moderator.leave(engine),
    }[how]
    making = [moderator.invite(engine) for _ in range(20)]
    outcomes = await at_once(chat, *making[:10], end(), *making[10:])
    codes = [made[1] for made in outcomes if type(made) is tuple]
    assert (kinds(outcomes)[Forbidden], len(codes)) == (10, 10)
    kept = await ada.listed(invites.list_invites, engine.id)
    assert [invite for invite in kept if invite.revoke_time is None] == []
    await at_once(chat, *(moderator.perform(members.join_house, engine.id) for _ in range(3)))
    if how != "banned":
        await ada.make(moderator, Rank.MODERATOR, engine)
    refused = await asyncio.gather(
        *(cleo.perform(invites.accept_invite, code) for code in codes), return_exceptions=True
    )
    assert kinds(refused) == {NotFound: 10}


async def test_a_member_who_goes_in_three_ways_at_once_is_counted_out_once(
    chat: Chat, ada: Person, ben: Person, engine: House
) -> None:
    outcomes = await at_once(
        chat,
        ben.leave(engine),
        ada.perform(members.remove_member, engine.id, ben.id),
        ada.ban(ben, engine),
        ben.perform(members.join_house, engine.id),
        ben.leave(engine),
    )
    assert any(not isinstance(outcome, Exception) for outcome in outcomes)
    assert await ranks(ada, engine) == {ada.id: Rank.OWNER}
    assert await count(chat, tables.bans) == 1


async def test_a_join_request_that_all_moderators_decide_at_once_is_decided_once(
    chat: Chat, ada: Person, ben: Person, cleo: Person
) -> None:
    club = await ada.perform(houses.create_house, "Club", "", Visibility.PRIVATE, True)
    await ben.enter(club)
    await ada.make(ben, Rank.MODERATOR, club)
    request = await cleo.perform(join_requests.request_to_join, club.id)
    ways = (join_requests.approve_join_request, join_requests.decline_join_request)
    outcomes = await at_once(
        chat, *(person.perform(way, request.id) for person in (ada, ben) for way in ways for _ in range(5))
    )
    assert kinds(outcomes) == {JoinRequest: 1, Conflict: 19}
    [decided] = [one for one in outcomes if isinstance(one, JoinRequest)]
    assert (cleo.id in await ranks(ada, club)) is (decided.state.value == "approved")


async def test_nothing_is_posted_after_its_author_was_deactivated(
    chat: Chat, operator: Caller, ada: Person, ben: Person, hall: Room
) -> None:
    (given, _) = await operator.carry_out(sessions.login, "ben", PASSWORD)
    signed_in = Caller(chat, chat.recognise(given.access_token, None, ""))
    posts = [signed_in.perform(talks.post_talk, hall.id, str(n)) for n in range(40)]
    outcomes = await at_once(chat, *posts[:20], operator.perform(accounts.deactivate, "ben"), *posts[20:])
    found = kinds(outcomes)
    assert (found[User], found[tuple] + found[Unauthenticated]) == (1, 40)
    assert len(await ada.listed(talks.list_talks, hall.id)) == found[tuple]


async def test_50_bans_of_one_user_at_once_are_one(
    chat: Chat, ada: Person, moderator: Person, cleo: Person, engine: House
) -> None:
    await at_once(chat, *(person.ban(cleo, engine) for person in (ada, moderator) for _ in range(25)))
    assert await count(chat, tables.bans) == 1
    assert [row.act for row in await read_log(chat)].count(Act.USER_BANNED) == 50
