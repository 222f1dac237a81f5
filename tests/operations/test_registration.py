"""Registration: who may make an account, and who is shut out of theirs."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Literal

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST

from chatgraph.chat import Chat
from chatgraph.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from chatgraph.events.kinds import Kind
from chatgraph.models import House, Rank, Registration, Room, User
from chatgraph.operations import accounts, houses, invites, members, sessions, talks
from chatgraph.operations.sessions import Pass
from chatgraph.parts import create_chat
from chatgraph.settings import Settings
from chatgraph.store import tables
from tests.cast import PASSWORD
from tests.operations.people import ALL, Caller, Person, count, lately, read_journal, set_all

Make = Callable[..., Settings]


class Held(PasswordHasher):
    """A hasher that waits before it verifies, until that is *opened*."""

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self.reached, self.opened = threading.Event(), threading.Event()

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002
        self.reached.set()
        assert self.opened.wait(10)
        return super().verify(hash, password)


@asynccontextmanager
async def serving(
    make_settings: Make, registration: Registration, hasher: PasswordHasher | None = None
) -> AsyncIterator[Caller]:
    """Run a server with another way to register beside the first, and give a stranger to it."""
    settings = make_settings(registration=registration.value)
    other = create_chat(settings, hasher or PasswordHasher.from_parameters(CHEAPEST), alone=False)
    await other.open()
    try:
        yield Caller(other)
    finally:
        await other.close()


async def register(stranger: Caller, username: str, code: str | None = None) -> User:
    return await stranger.carry_out(accounts.register, username, PASSWORD, code)


async def login(stranger: Caller, username: str, password: str = PASSWORD) -> Pass:
    return (await stranger.carry_out(sessions.login, username, password))[0]


async def test_everybody_registers_where_registration_is_open(chat: Chat) -> None:
    assert chat.registration is Registration.OPEN
    assert (await register(Caller(chat), "emil")).username == "emil"


async def test_nobody_registers_where_it_is_closed_but_the_operator_makes_accounts(
    make_settings: Make, chat: Chat, ada: Person, engine: House
) -> None:
    invite, code = await ada.invite(engine)
    async with serving(make_settings, Registration.CLOSED) as stranger:
        for given in (None, code, "unknown"):
            with pytest.raises(Forbidden, match="Registration is closed"):
                await register(stranger, "emil", given)
        assert await count(chat, tables.users) == 2
        await stranger.carry_out(accounts.enroll, "emil", PASSWORD)
        await login(stranger, "emil")
    assert (await ada.see(invites.load_invites, invite.id)).uses == 0


async def test_where_it_takes_an_invite_only_a_good_code_registers(
    make_settings: Make, chat: Chat, ada: Person, study: House
) -> None:
    _, expired = await ada.invite(study)
    await set_all(chat, tables.invites, expire_time=lately())
    _, code = await ada.invite(study, most_uses=1)
    async with serving(make_settings, Registration.INVITE) as stranger:
        with pytest.raises(
            Forbidden, match="Registration takes an invite: GraphQL's `register` takes its code"
        ):
            await register(stranger, "emil")
        await register(stranger, "emil", code)
        for bad in (expired, code, "unknown", ""):
            with pytest.raises(NotFound, match="There is no such invite"):
                await register(stranger, "fay", bad)
        with pytest.raises(Unauthenticated):
            await login(stranger, "fay")
    assert await count(chat, tables.users) == 3


async def test_who_registers_with_a_code_is_a_member_at_once_in_the_same_transaction(
    chat: Chat, ada: Person, study: House
) -> None:
    invite, code = await ada.invite(study)
    commits = chat.database.writer.commits
    emil = Person(chat, await register(Caller(chat), "emil", code))
    assert chat.database.writer.commits - commits == 1
    assert (await emil.see(houses.load_houses, study.id)).standing.rank == Rank.MEMBER
    joined = (await read_journal(chat, study.id))[-1]
    assert (joined.kind, joined.subject_id, joined.actor_id) == (Kind.MEMBER_JOINED, emil.id, emil.id)
    [user] = (await ada.ask(accounts.load_users, [emil.id])).values()
    member = next(one for one in await ada.listed(members.list_members, study.id) if one.user_id == emil.id)
    assert user.create_time == member.join_time == joined.time
    assert (await ada.see(invites.load_invites, invite.id)).uses == 1


async def test_a_code_that_is_no_good_registers_nobody_where_it_is_open_too(
    chat: Chat, ada: Person, study: House
) -> None:
    with pytest.raises(NotFound, match="There is no such invite"):
        await register(Caller(chat), "emil", "unknown")
    assert await count(chat, tables.users) == 2


async def test_of_many_who_register_with_the_last_use_one_does(chat: Chat, ada: Person, study: House) -> None:
    invite, code = await ada.invite(study, most_uses=1)
    outcomes = await asyncio.gather(
        *(register(Caller(chat), f"emil{n}", code) for n in range(8)), return_exceptions=True
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NotFound"] * 7 + ["User"]
    assert await count(chat, tables.users) == 3
    assert (await ada.see(houses.load_houses, study.id)).member_count == 3
    assert (await ada.see(invites.load_invites, invite.id)).uses == 1


async def test_a_refused_name_uses_no_invite_up(chat: Chat, ada: Person, study: House) -> None:
    invite, code = await ada.invite(study)
    with pytest.raises(Conflict):
        await register(Caller(chat), "ADA", code)
    with pytest.raises(Invalid):
        await register(Caller(chat), "no name", code)
    assert (await ada.see(invites.load_invites, invite.id)).uses == 0
    assert (await ada.see(houses.load_houses, study.id)).member_count == 2


async def test_a_deactivation_ends_sessions_and_refuses_to_refresh(
    chat: Chat, operator: Caller, ada: Person, ben: Person
) -> None:
    kept, lost = await login(operator, "ada"), await login(operator, "ben")
    user = await operator.perform(accounts.deactivate, "BEN")
    assert (user.id, user.deactivate_time is None) == (ben.id, False)
    assert await operator.perform(accounts.deactivate, "ben") == user
    shut_out = Caller(chat, chat.recognise(lost.access_token, None, ""))
    with pytest.raises(Unauthenticated, match="The session has ended"):
        await shut_out.ask(houses.list_houses, ALL)
    with pytest.raises(Unauthenticated, match="not valid any more"):
        await operator.carry_out(sessions.refresh, lost.refresh_token)
    await Caller(chat, chat.recognise(kept.access_token, None, "")).ask(houses.list_houses, ALL)
    await operator.carry_out(sessions.refresh, kept.refresh_token)


async def test_who_is_deactivated_is_told_so_only_with_the_right_password(
    operator: Caller, ada: Person, ben: Person
) -> None:
    await operator.perform(accounts.deactivate, "ben")
    with pytest.raises(Unauthenticated) as shut_out:
        await login(operator, "ben")
    told = set()
    for username in ("ben", "ada", "nobody"):
        with pytest.raises(Unauthenticated) as refused:
            await login(operator, username, "not " + PASSWORD)
        told.add(refused.value.message)
    assert shut_out.value.message == "This account is deactivated; ask whoever runs this server."
    assert told == {"The username or the password is wrong."}


async def test_who_is_reactivated_signs_in_again_and_what_had_ended_stays_so(
    chat: Chat, operator: Caller, ben: Person
) -> None:
    lost = await login(operator, "ben")
    await operator.perform(accounts.deactivate, "ben")
    assert (await operator.perform(accounts.reactivate, "ben")).deactivate_time is None
    with pytest.raises(Unauthenticated):
        await operator.carry_out(sessions.refresh, lost.refresh_token)
    again = await login(operator, "ben")
    await Caller(chat, chat.recognise(again.access_token, None, "")).ask(houses.list_houses, ALL)


async def test_no_session_is_opened_by_who_is_deactivated_while_their_password_is_verified(
    make_settings: Make, chat: Chat, operator: Caller, ben: Person
) -> None:
    held = Held.from_parameters(CHEAPEST)
    assert isinstance(held, Held)
    async with serving(make_settings, Registration.OPEN, held) as stranger:
        signing_in = asyncio.create_task(login(stranger, "ben"))
        assert await asyncio.to_thread(held.reached.wait, 10)
        await operator.perform(accounts.deactivate, "ben")
        held.opened.set()
        with pytest.raises(Unauthenticated, match="This account is deactivated"):
            await signing_in
    assert await count(chat, tables.sessions) == 0


async def test_what_a_deactivated_user_said_stays_and_the_name_is_not_free(
    operator: Caller, ada: Person, ben: Person, hall: Room
) -> None:
    talk = await ben.say(hall)
    await operator.perform(accounts.deactivate, "ben")
    assert await ada.see(talks.load_talks, talk.id) == talk
    assert (await ada.ask(accounts.find_user, "ben")).deactivate_time is not None
    with pytest.raises(Conflict):
        await register(operator, "Ben")


async def test_an_operator_cannot_deactivate_nobody_or_without_bounds(operator: Caller, ben: Person) -> None:
    for operation in (accounts.deactivate, accounts.reactivate):
        with pytest.raises(NotFound, match="There is no such user"):
            await operator.perform(operation, "nobody")
    with pytest.raises(Invalid):
        await operator.perform(accounts.deactivate, "ben", "x" * 513)
    await login(operator, "ben")
