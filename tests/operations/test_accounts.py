"""Accounts: which names and passwords are taken, and who is believed to be whom."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from threading import Event
from typing import Any, Literal, cast

import pytest
from argon2 import Parameters, PasswordHasher
from argon2.profiles import CHEAPEST

from chatgraph.chat import Chat
from chatgraph.credentials.usernames import read_username
from chatgraph.errors import ChatError, Conflict, Invalid, NotFound, Unauthenticated
from chatgraph.models import Account
from chatgraph.operations import accounts, sessions
from chatgraph.parts import create_chat
from chatgraph.settings import Settings
from chatgraph.store import accounts as kept
from chatgraph.store.tables import users
from tests.cast import PASSWORD, Actor, Cast, Refused
from tests.operations.people import Person, count

STRONGER = replace(CHEAPEST, time_cost=CHEAPEST.time_cost + 1)


async def register(chat: Chat, username: str, password: str = PASSWORD) -> int:
    async with chat.visit() as visit:
        return (await visit.carry_out(accounts.register, username, password)).id


async def login(chat: Chat, username: str, password: str = PASSWORD) -> int:
    async with chat.visit() as visit:
        return (await visit.carry_out(sessions.login, username, password))[1].id


async def account(chat: Chat, username: str) -> Account:
    async with chat.database.reading() as db:
        found = await kept.by_name(db, username)
        assert found is not None
        return found


@asynccontextmanager
async def beside(settings: Settings, hasher: PasswordHasher) -> AsyncIterator[Chat]:
    """Run a second chat on the same database, which hashes in its own way."""
    other = create_chat(settings, hasher)
    await other.open()
    try:
        yield other
    finally:
        await other.close()


@pytest.mark.parametrize("written", ["ada", "Ada", "ADA", "ａｄａ"])
async def test_a_name_in_any_case_and_width_reaches_the_same_account(
    chat: Chat, ada: Person, written: str
) -> None:
    assert await login(chat, written) == ada.id


async def test_a_name_is_kept_in_lower_case_and_shown_as_it_was_written(chat: Chat) -> None:
    await register(chat, "Zoë")
    user = (await account(chat, "zoë")).user
    assert (user.username, user.display_name) == ("zoë", "Zoë")


@pytest.mark.parametrize("written", ["ada", "ADA", "ａda", "аda", "adа", "ɑda"])
async def test_a_name_that_is_or_looks_like_a_taken_one_is_refused(
    chat: Chat, ada: Person, written: str
) -> None:
    with pytest.raises(Conflict) as refused:
        await register(chat, written)
    assert refused.value.field == "username"
    assert await count(chat, users) == 1


async def test_of_many_who_want_one_name_at_once_one_gets_it(chat: Chat) -> None:
    wanted = ["pavel", "PAVEL", "рavel"] * 4
    outcomes = await asyncio.gather(*(register(chat, name) for name in wanted), return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert len(refused) == len(wanted) - 1
    assert all(isinstance(refusal, Conflict) for refusal in refused)
    assert await count(chat, users) == 1


@pytest.mark.parametrize("password", ["password1", "PassWord1", "seven77", "ada-ada-ada"])
async def test_a_password_that_is_common_short_or_the_name_is_refused(chat: Chat, password: str) -> None:
    with pytest.raises(Invalid) as refused:
        await register(chat, "ada-ada-ada", password)
    assert refused.value.field == "password"


async def test_refusals_name_the_field_that_is_wrong_to_the_client(cast: Cast) -> None:
    seen = []
    for username, password in [("ADA", PASSWORD), ("dora", "password1"), ("do ra", PASSWORD)]:
        with pytest.raises(Refused) as refused:
            await cast.stranger.do("register", "user { id }", username=username, password=password)
        seen.append((refused.value.code, refused.value.field))
    assert seen == [("CONFLICT", "username"), ("BAD_USER_INPUT", "password"), ("BAD_USER_INPUT", "username")]


async def test_nobody_can_tell_a_wrong_name_from_a_wrong_password(cast: Cast) -> None:
    answers = []
    tries = [("ada", "not " + PASSWORD), ("nobody", PASSWORD), ("no body", PASSWORD), ("", PASSWORD)]
    for username, password in [*tries, ("ada", "")]:
        document = "mutation($input: LoginInput!) { login(input: $input) { accessToken } }"
        given = {"input": {"username": username, "password": password}}
        response = await cast.stranger.post(document, given)
        answers.append((response.status_code, response.headers["www-authenticate"], response.json()))
    assert answers[0][0] == 401
    assert answers[0][2]["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}
    assert all(answer == answers[0] for answer in answers)


async def test_a_changed_password_ends_the_other_sessions_but_not_this_one(cast: Cast) -> None:
    elsewhere = Actor(cast.http, "ada")
    await elsewhere.sign_in()
    await cast.ada.do("changePassword", "user { id }", oldPassword=PASSWORD, newPassword="six green kettles")
    assert (await cast.ada.ask("{ viewer { username } }"))["viewer"]["username"] == "ada"
    with pytest.raises(Refused) as refused:
        await elsewhere.ask("{ viewer { username } }")
    assert refused.value.code == "UNAUTHENTICATED"
    with pytest.raises(Refused) as refused:
        await elsewhere.do("refresh", "accessToken", refreshToken=elsewhere.refresh_token)
    assert refused.value.code == "UNAUTHENTICATED"
    await cast.ada.do("refresh", "accessToken", refreshToken=cast.ada.refresh_token)
    assert (await cast.ben.ask("{ viewer { username } }"))["viewer"]["username"] == "ben"


async def test_after_a_change_the_new_password_signs_in_and_the_old_one_does_not(
    chat: Chat, ada: Person
) -> None:
    await ada.carry_out(accounts.change_password, PASSWORD, "six green kettles")
    assert await login(chat, "ada", "six green kettles") == ada.id
    with pytest.raises(Unauthenticated):
        await login(chat, "ada", PASSWORD)


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [("wrong " + PASSWORD, "six green kettles", "oldPassword"), (PASSWORD, "password1", "newPassword")],
)
async def test_a_refused_change_names_its_field_and_changes_nothing(
    chat: Chat, ada: Person, old: str, new: str, field: str
) -> None:
    await login(chat, "ada")
    with pytest.raises(Invalid) as refused:
        await ada.carry_out(accounts.change_password, old, new)
    assert refused.value.field == field
    assert await login(chat, "ada") == ada.id
    async with chat.visit(ada.viewer) as visit:
        assert await visit.perform(sessions.logout_everywhere) == 2


async def test_signing_in_hashes_the_password_again_once_the_parameters_have_changed(
    make_settings: Callable[..., Settings], chat: Chat, ada: Person
) -> None:
    before = (await account(chat, "ada")).password_hash
    await login(chat, "ada")
    assert (await account(chat, "ada")).password_hash == before
    async with beside(make_settings(), PasswordHasher.from_parameters(STRONGER)) as other:
        with pytest.raises(Unauthenticated):
            await login(other, "ada", "not " + PASSWORD)
        assert (await account(chat, "ada")).password_hash == before
        assert await login(other, "ada") == ada.id
        hashed = (await account(chat, "ada")).password_hash
        assert f"t={STRONGER.time_cost}," in hashed
        assert await login(other, "ada") == ada.id
        assert (await account(chat, "ada")).password_hash == hashed


async def test_of_many_logins_that_hash_the_password_again_all_are_let_in(
    make_settings: Callable[..., Settings], ada: Person
) -> None:
    async with beside(make_settings(), PasswordHasher.from_parameters(STRONGER)) as other:
        assert await asyncio.gather(*(login(other, "ada") for _ in range(5))) == [ada.id] * 5


class Held(PasswordHasher):
    """Verifies a password and keeps the answer back until it is let go."""

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self.verified, self.let_go = Event(), Event()

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002
        answer = super().verify(hash, password)
        self.verified.set()
        assert self.let_go.wait(10)
        return answer


@pytest.mark.parametrize("parameters", [CHEAPEST, STRONGER])
async def test_who_signs_in_while_their_password_is_replaced_is_not_let_in(
    make_settings: Callable[..., Settings], chat: Chat, ada: Person, parameters: Parameters
) -> None:
    held = cast("Held", Held.from_parameters(parameters))
    async with beside(make_settings(), held) as other:
        signing_in = asyncio.create_task(login(other, "ada"))
        assert await asyncio.to_thread(held.verified.wait, 10)
        async with chat.visit() as visit:
            await visit.carry_out(accounts.reset_password, "ada", "six green kettles")
        held.let_go.set()
        with pytest.raises(Unauthenticated):
            await signing_in
    assert await login(chat, "ada", "six green kettles") == ada.id


async def test_an_operator_resets_a_password_and_ends_all_sessions(chat: Chat, ada: Person) -> None:
    await login(chat, "ada")
    async with chat.visit() as visit:
        await visit.carry_out(accounts.reset_password, "ADA", "six green kettles")
    async with chat.visit(ada.viewer) as visit:
        assert await visit.perform(sessions.logout_everywhere) == 0
    assert await login(chat, "ada", "six green kettles") == ada.id


@pytest.mark.parametrize(
    ("username", "password", "error"), [("nobody", PASSWORD, NotFound), ("ada", "password1", Invalid)]
)
async def test_an_operator_cannot_reset_to_a_bad_password_or_for_nobody(
    chat: Chat, ada: Person, username: str, password: str, error: type[ChatError]
) -> None:
    async with chat.visit() as visit:
        with pytest.raises(error):
            await visit.carry_out(accounts.reset_password, username, password)
    assert await login(chat, "ada") == ada.id


async def test_a_user_is_found_by_any_case_of_the_name_but_only_by_who_is_signed_in(
    chat: Chat, ada: Person, ben: Person
) -> None:
    assert (await ben.ask(accounts.find_user, "ADA")).id == ada.id
    with pytest.raises(NotFound):
        await ben.ask(accounts.find_user, "nobody")
    async with chat.visit() as visit:
        with pytest.raises(Unauthenticated):
            await visit.ask(accounts.find_user, "ada")
        with pytest.raises(Unauthenticated):
            await visit.ask(accounts.load_users, [ada.id])


def test_the_names_in_these_tests_look_alike_and_are_not_equal() -> None:
    assert read_username("рavel").skeleton == read_username("pavel").skeleton
    assert read_username("рavel").name != read_username("pavel").name
