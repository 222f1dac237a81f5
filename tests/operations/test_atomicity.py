"""Atomicity: what many do at once comes out as if they had done it one after the other."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from chatgraph.chat import Chat
from chatgraph.errors import Forbidden, NotFound
from chatgraph.events.kinds import Kind
from chatgraph.models import Act, House, Member, Rank, Room, Talk
from chatgraph.operations import accounts, houses, invites, members, moderation, talks
from chatgraph.store import tables
from tests.operations.people import Caller, Person, count, read_journal, read_log


async def at_once(calls: Iterable[Awaitable[Any]]) -> list[Any]:
    """Start all calls together and give what became of each."""
    return await asyncio.gather(*calls, return_exceptions=True)


def kinds_of(outcomes: list[Any]) -> dict[type, int]:
    """Count what became of calls."""
    return {kind: sum(type(one) is kind for one in outcomes) for kind in {type(one) for one in outcomes}}


@asynccontextmanager
async def batched(chat: Chat) -> AsyncIterator[None]:
    """See that fewer transactions were committed than changes were written, a tenth at most."""
    writer = chat.database.writer
    commits, written = writer.commits, writer.written
    yield
    assert 0 < writer.commits - commits <= (writer.written - written) / 10 + 1


@pytest.fixture
async def crowd(chat: Chat, operator: Caller) -> list[Person]:
    """Fifty users, of whom nobody needs to sign in."""
    hashed = await chat.passwords.hash("nine violet teapots")

    async def enroll(work: Any, name: str) -> Any:
        return await kept.add(work.db, name, name, name, hashed, work.now)

    users = await asyncio.gather(*(operator.perform(enroll, f"crowd{n}") for n in range(50)))
    return [Person(chat, user) for user in users]


async def test_of_50_who_accept_an_invite_with_10_uses_left_10_come_in(
    chat: Chat, ada: Person, study: House, crowd: list[Person]
) -> None:
    invite, code = await ada.invite(study, most_uses=10)
    async with batched(chat):
        outcomes = await at_once(person.perform(invites.accept_invite, code) for person in crowd)
        assert kinds_of(outcomes) == {House: 10, NotFound: 40}
        assert {str(one) for one in outcomes if isinstance(one, NotFound)} == {"There is no such invite."}
        await at_once(person.perform(invites.accept_invite, code) for person in crowd)
