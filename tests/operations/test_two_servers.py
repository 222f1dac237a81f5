"""What many do at once at two servers on one database comes out as if they had done it one after the other."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from sqlalchemy import func, select

from chatgraph.chat import Chat
from chatgraph.errors import Conflict, Forbidden, NotFound, Unauthenticated
from chatgraph.events.kinds import Kind
from chatgraph.models import House, Rank, Room, Talk, User
from chatgraph.operations import accounts, invites, members, sessions, talks
from chatgraph.operations.work import Work
from chatgraph.parts import create_chat
from chatgraph.settings import Settings
from chatgraph.store import accounts as kept_accounts
from chatgraph.store.tables import refresh_tokens
from tests.cast import PASSWORD
from tests.operations.people import Caller, Person, read_journal

pytestmark = pytest.mark.postgresql


@pytest.fixture
async def chats(chat: Chat, make_settings: Callable[..., Settings]) -> AsyncIterator[list[Chat]]:
    """Two servers."""
    other = create_chat(make_settings(), PasswordHasher.from_parameters(CHEAPEST))
    await other.open()
    yield [chat, other]
    await other.close()


def at(chat: Chat, person: Person) -> Person:
    """Give somebody as they call another server."""
    same = Person.__new__(Person)
    same.__dict__.update(person.__dict__, chat=chat)
    return same


async def kinds(*calls: Awaitable[Any]) -> Counter[type]:
    """Start all calls together and count what became of them."""
    return Counter(map(type, await asyncio.gather(*calls, return_exceptions=True)))


async def enroll(chat: Chat, count: int) -> list[Person]:
    """Add users who never sign in."""

    async def add(work: Work, name: str) -> User:
        return await kept_accounts.add(work.db, name, name, name, "", work.now)

    return [Person(chat, await Caller(chat).perform(add, f"crowd{n}")) for n in range(count)]


async def test_nothing_that_is_posted_at_another_server_comes_after_the_ban_of_its_author(
    chats: list[Chat], ada: Person, ben: Person, engine: House, hall: Room
) -> None:
    posts = [at(chats[n % 2], ben).say(hall, str(n)) for n in range(50)]
    found = await kinds(*posts[:25], at(chats[1], ada).ban(ben, engine), *posts[25:])
    assert found[Talk] + found[Forbidden] == 50
    told = await read_journal(chats[0], engine.id)
    [banned] = [one.seq for one in told if one.kind is Kind.USER_BANNED]
    posted = [one.seq for one in told if one.kind is Kind.TALK_POSTED]
    assert len(posted) == found[Talk]
    assert max(posted, default=0) < banned
    assert [one.seq for one in told] == list(range(1, len(told) + 1))


async def test_of_50_who_accept_an_invite_with_10_uses_left_at_two_servers_10_come_in(
    chats: list[Chat], ada: Person, study: House
) -> None:
    invite, code = await ada.invite(study, most_uses=10)
    crowd = await enroll(chats[0], 50)
    accepting = (at(chats[n % 2], one).perform(invites.accept_invite, code) for n, one in enumerate(crowd))
    assert await kinds(*accepting) == {House: 10, NotFound: 40}
    assert (await ada.see(invites.load_invites, invite.id)).uses == 10
    assert len(await ada.listed(members.list_members, study.id)) == 12


async def test_a_refresh_token_that_is_exchanged_50_times_at_two_servers_has_one_successor(
    chats: list[Chat], ben: Person
) -> None:
    (given, _) = await Caller(chats[0]).carry_out(sessions.login, "ben", PASSWORD)
    exchanging = [Caller(chats[n % 2]).carry_out(sessions.refresh, given.refresh_token) for n in range(50)]
    passes = await asyncio.gather(*exchanging)
    assert len({one.refresh_token for one in passes}) == 1
    async with chats[0].database.reading() as db:
        kept = await db.execute(select(func.count()).select_from(refresh_tokens))
        assert kept.scalar_one() == 2


@pytest.mark.parametrize("names", [["dora"], ["dora", "d0ra"]], ids=["one name", "two that look alike"])
async def test_who_registers_one_name_at_two_servers_has_it_once(chats: list[Chat], names: list[str]) -> None:
    registering = (
        Caller(chat).carry_out(accounts.register, name, PASSWORD)
        for chat, name in zip(chats, names * 2, strict=False)
    )
    assert await kinds(*registering) == {User: 1, Conflict: 1}


async def test_a_talk_that_is_posted_with_one_key_at_two_servers_is_one(
    chats: list[Chat], ada: Person, hall: Room
) -> None:
    posting = [at(chats[n % 2], ada).perform(talks.post_talk, hall.id, "Hello", "key") for n in range(20)]
    told = await asyncio.gather(*posting)
    assert len({talk.id for talk, _ in told}) == 1
    assert Counter(replayed for _, replayed in told) == {True: 19, False: 1}


async def test_nothing_is_posted_after_its_author_was_deactivated_at_another_server(
    chats: list[Chat], ada: Person, ben: Person, hall: Room
) -> None:
    (given, _) = await Caller(chats[0]).carry_out(sessions.login, "ben", PASSWORD)
    there = [Caller(chat, chat.recognise(given.access_token, None, "")) for chat in chats]
    answered: list[bool] = []

    async def post(number: int) -> None:
        begun_after = bool(answered)
        await there[number % 2].perform(talks.post_talk, hall.id, str(number))
        assert not begun_after

    async def deactivate() -> None:
        await Caller(chats[1]).perform(accounts.deactivate, "ben")
        answered.append(True)

    found = await kinds(*map(post, range(20)), deactivate(), *map(post, range(20)))
    assert set(found) <= {type(None), Unauthenticated}
    said = len(await ada.listed(talks.list_talks, hall.id))
    assert said == found[type(None)] - 1
    with pytest.raises(Unauthenticated):
        await post(0)


async def test_nobody_registers_with_an_invite_after_its_maker_lost_the_right(
    chats: list[Chat], ada: Person, moderator: Person, engine: House
) -> None:
    _, code = await moderator.invite(engine)
    registering = [
        Caller(chats[n % 2]).carry_out(accounts.register, f"guest{n}", PASSWORD, code) for n in range(10)
    ]
    found = await kinds(*registering, at(chats[1], ada).make(moderator, Rank.MEMBER, engine))
    assert found[User] + found[NotFound] == 10
    told = await read_journal(chats[0], engine.id)
    [demoted] = [one.seq for one in told if one.kind is Kind.MEMBER_CHANGED][1:]
    joined = [one.seq for one in told if one.kind is Kind.MEMBER_JOINED][2:]
    assert len(joined) == found[User]
    assert max(joined, default=0) < demoted
