"""Rates: who tries too often is refused and told when to come again, and nobody else is."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import pytest

from chatgraph.chat import Chat
from chatgraph.credentials.endings import Endings
from chatgraph.errors import RateLimited
from chatgraph.operations import accounts, houses, invites, join_requests, members, rooms, sessions, talks
from chatgraph.operations.rates import RATES, Rates
from chatgraph.operations.tallies import Tally
from chatgraph.settings import Settings
from chatgraph.viewer import Viewer
from tests.cast import PASSWORD, Actor, Cast, Refused
from tests.conftest import Server, running

PROXIED = {"proxy_headers": True, "forwarded_allow_ips": ["127.0.0.1"]}
WRONG = "not " + PASSWORD


@pytest.fixture
async def counted(make_settings: Callable[..., Settings]) -> AsyncIterator[Server]:
    """A server with rates, behind a proxy of this machine that it trusts; for the rates, time stands still."""
    async with running(make_settings(rate_limits=True), **PROXIED) as server:
        rates: Any = server.chat.rates
        rates._here = rates._attempts = Tally(clock=lambda: 1000.0)
        yield server


@pytest.fixture
async def limited(counted: Server) -> AsyncIterator[Cast]:
    """The cast, registered, before anybody has tried to sign in."""
    async with Cast(counted.url) as cast:
        for actor in (cast.ada, cast.ben):
            await actor.register()
        yield cast


async def login(actor: Actor, username: str, password: str, **headers: str) -> Any:
    document = "mutation($input: LoginInput!) { login(input: $input) { accessToken } }"
    return await actor.post(document, {"input": {"username": username, "password": password}}, **headers)


def code(response: Any) -> str | None:
    errors = response.json().get("errors")
    return errors[0]["extensions"]["code"] if errors else None


async def test_the_sixth_login_of_an_account_is_refused_also_with_the_right_password(limited: Cast) -> None:
    for name in ("ada", "ADA", "ａda", "ada", "Ada"):
        assert code(await login(limited.stranger, name, WRONG)) == "UNAUTHENTICATED"
    response = await login(limited.stranger, "ada", PASSWORD)
    assert response.status_code == 429
    [error] = response.json()["errors"]
    assert error["extensions"]["code"] == "RATE_LIMITED"
    retry_after = error["extensions"]["retryAfter"]
    assert 890 <= retry_after <= 900
    assert response.headers["retry-after"] == str(retry_after)
    assert response.headers["ratelimit-policy"] == '"login per account";q=5;w=900'
    assert response.headers["ratelimit"] == f'"login per account";r=0;t={retry_after}'


async def test_another_account_is_not_counted_with_it(limited: Cast) -> None:
    codes = [code(await login(limited.stranger, "ada", WRONG)) for _ in range(6)]
    assert codes == ["UNAUTHENTICATED"] * 5 + ["RATE_LIMITED"]
    assert code(await login(limited.stranger, "ben", PASSWORD)) is None


async def test_a_name_that_nobody_has_is_counted_like_one_that_somebody_has(limited: Cast) -> None:
    codes = [code(await login(limited.stranger, "nobody", WRONG)) for _ in range(6)]
    assert codes == ["UNAUTHENTICATED"] * 5 + ["RATE_LIMITED"]


async def test_right_passwords_are_counted_too(limited: Cast) -> None:
    codes = [code(await login(limited.stranger, "ada", PASSWORD)) for _ in range(6)]
    assert codes == [None] * 5 + ["RATE_LIMITED"]


async def test_a_document_tries_one_credential(limited: Cast) -> None:
    one = f'login(input: {{username: "ada", password: "{WRONG}"}}) {{ accessToken }}'
    response = await limited.stranger.post(f"mutation {{ a: {one} b: {one} }}")
    assert code(response) == "GRAPHQL_VALIDATION_FAILED"
    for _ in range(5):
        assert code(await login(limited.stranger, "ada", WRONG)) == "UNAUTHENTICATED"


async def test_changing_a_password_is_counted_for_each_user(limited: Cast) -> None:
    await limited.ada.sign_in()
    await limited.ben.sign_in()
    given = {"oldPassword": WRONG, "newPassword": "six green kettles"}
    seen = []
    for actor in [limited.ada] * 6 + [limited.ben]:
        with pytest.raises(Refused) as refused:
            await actor.do("changePassword", "user { id }", **given)
        seen.append(refused.value.code)
    assert seen == ["BAD_USER_INPUT"] * 5 + ["RATE_LIMITED"] + ["BAD_USER_INPUT"]


async def test_who_holds_the_token_of_an_ended_session_uses_up_none_of_its_users_attempts(
    limited: Cast, counted: Server
) -> None:
    await limited.ada.sign_in()
    thief = Actor(limited.http, "ada")
    thief.token = limited.ada.token
    await limited.ada.ask("mutation { logoutEverywhere { ended } }")
    await limited.ada.sign_in()
    passwords = {"input": {"oldPassword": WRONG, "newPassword": "six green kettles"}}
    change = "mutation($input: ChangePasswordInput!) { changePassword(input: $input) { user { id } } }"
    for _ in range(5):
        counted.chat.endings = Endings()  # as at once, or on servers that haven't met it
        assert code(await thief.post(change, passwords)) == "UNAUTHENTICATED"
    codes = [code(await thief.post("{ viewer { id } }")) for _ in range(101)]
    assert codes == ["UNAUTHENTICATED"] * 101
    with pytest.raises(Refused, match="is wrong"):
        await limited.ada.do("changePassword", "user { id }", **passwords["input"])


async def test_the_21st_talk_at_once_is_refused_and_not_kept(limited: Cast) -> None:
    await limited.ada.sign_in()
    await limited.ben.sign_in()
    room = await limited.ada.create_room(await limited.ada.create_house())
    said = await asyncio.gather(*(limited.ada.post_talk(room) for _ in range(21)), return_exceptions=True)
    [refused] = [outcome for outcome in said if isinstance(outcome, Refused)]
    assert (refused.status, refused.code) == (429, "RATE_LIMITED")
    assert 1 <= refused.errors[0]["extensions"]["retryAfter"] <= 4
    await limited.ben.post_talk(room)
    data = await limited.ben.ask("query($id: ID!) { room(id: $id) { lastSeq } }", id=room)
    assert data["room"]["lastSeq"] == 21


async def test_aliases_are_counted_each(limited: Cast) -> None:
    await limited.ada.sign_in()
    room = await limited.ada.create_room(await limited.ada.create_house())
    one = f'postTalk(input: {{roomId: "{room}", content: "Hello"}}) {{ talk {{ seq }} }}'
    document = "mutation {" + " ".join(f"a{n}: {one}" for n in range(7)) + "}"
    responses = [await limited.ada.post(document) for _ in range(3)]
    errors = [len(response.json().get("errors", [])) for response in responses]
    assert errors == [0, 0, 1]


async def test_the_21st_registration_from_one_address_is_refused(limited: Cast) -> None:
    async def register(name: str, address: str) -> Any:
        document = "mutation($input: RegisterInput!) { register(input: $input) { user { id } } }"
        given = {"input": {"username": name, "password": PASSWORD}}
        return await limited.stranger.post(document, given, **{"X-Forwarded-For": address})

    here = [code(await register(f"user{n}", "203.0.113.7")) for n in range(21)]
    assert here == [None] * 20 + ["RATE_LIMITED"]
    assert code(await register("user21", "203.0.113.8")) is None


async def test_the_21st_login_from_one_address_is_refused_whatever_the_name(limited: Cast) -> None:
    here = {"X-Forwarded-For": "203.0.113.7"}
    codes = [code(await login(limited.stranger, f"nobody{n}", WRONG, **here)) for n in range(21)]
    assert codes == ["UNAUTHENTICATED"] * 20 + ["RATE_LIMITED"]
    assert code(await login(limited.ada, "ada", PASSWORD, **{"X-Forwarded-For": "203.0.113.8"})) is None


async def test_what_is_refused_for_its_address_uses_up_nobodys_account(limited: Cast) -> None:
    here, elsewhere = {"X-Forwarded-For": "203.0.113.7"}, {"X-Forwarded-For": "203.0.113.8"}
    for n in range(20):
        await login(limited.stranger, f"nobody{n}", WRONG, **here)
    codes = [code(await login(limited.stranger, "ada", WRONG, **here)) for _ in range(6)]
    assert codes == ["RATE_LIMITED"] * 6
    assert code(await login(limited.ada, "ada", PASSWORD, **elsewhere)) is None


async def test_addresses_of_one_home_are_counted_together(limited: Cast) -> None:
    async def sign_in(n: int, address: str) -> str | None:
        return code(await login(limited.stranger, f"nobody{n}", WRONG, **{"X-Forwarded-For": address}))

    codes = [await sign_in(n, f"2001:db8:0:7::{n}") for n in range(21)]
    assert codes == ["UNAUTHENTICATED"] * 20 + ["RATE_LIMITED"]
    assert await sign_in(21, "2001:db8:0:8::1") == "UNAUTHENTICATED"
    codes = [await sign_in(n, f"{'::ffff:' * (n % 2)}203.0.113.7") for n in range(21)]
    assert codes == ["UNAUTHENTICATED"] * 20 + ["RATE_LIMITED"]


async def test_this_machine_is_not_counted_by_address(limited: Cast) -> None:
    codes = [code(await login(limited.stranger, f"nobody{n}", WRONG)) for n in range(25)]
    assert codes == ["UNAUTHENTICATED"] * 25
    here = {"X-Forwarded-For": "::ffff:127.0.0.1"}
    codes = [code(await login(limited.stranger, f"nobody{n}", WRONG, **here)) for n in range(25)]
    assert codes == ["UNAUTHENTICATED"] * 25


async def test_a_header_of_a_proxy_that_is_not_trusted_counts_for_nothing(
    make_settings: Callable[..., Settings],
) -> None:
    async with (
        running(make_settings(rate_limits=True), proxy_headers=False) as server,
        Cast(server.url) as cast,
    ):
        here = {"X-Forwarded-For": "203.0.113.7"}
        codes = [code(await login(cast.stranger, f"nobody{n}", WRONG, **here)) for n in range(21)]
    assert codes == ["UNAUTHENTICATED"] * 21


async def test_the_101st_request_at_once_is_refused(limited: Cast) -> None:
    await limited.ada.sign_in()
    await limited.ben.sign_in()
    responses = await asyncio.gather(*(limited.ada.post("{ viewer { id } }") for _ in range(101)))
    codes = [code(response) for response in responses]
    assert (codes.count("RATE_LIMITED"), codes.count(None)) == (1, 100)
    [refused] = [response for response in responses if response.status_code != 200]
    assert refused.status_code == 429
    assert refused.headers["ratelimit-policy"] == '"queries";q=100;w=5'
    assert code(await limited.ben.post("{ viewer { id } }")) is None


async def test_who_is_not_signed_in_is_counted_by_address(limited: Cast) -> None:
    async def ask(address: str) -> str | None:
        return code(await limited.stranger.post("{ viewer { id } }", {}, **{"X-Forwarded-For": address}))

    codes = await asyncio.gather(*(ask("203.0.113.7") for _ in range(101)))
    assert (codes.count("RATE_LIMITED"), codes.count(None)) == (1, 100)
    assert await ask("203.0.113.8") is None
    assert await ask("127.0.0.1") is None


async def test_without_rates_nothing_is_counted(cast: Cast) -> None:
    room = await cast.ada.create_room(await cast.ada.create_house())
    await asyncio.gather(*(cast.ada.post_talk(room) for _ in range(25)))
    codes = [code(await login(cast.stranger, "ada", WRONG)) for _ in range(7)]
    assert codes == ["UNAUTHENTICATED"] * 7


SOMEBODY = Viewer(7, 1, "203.0.113.7")


@pytest.mark.parametrize(
    ("operation", "given", "most"),
    [
        (sessions.login, ("ada", PASSWORD), 5), (accounts.register, ("ada", PASSWORD), 20),
        (accounts.change_password, (), 5), (talks.post_talk, (), 20), (rooms.create_room, (), 100),
        (houses.create_house, (), 20), (invites.create_invite, (), 100), (join_requests.request_to_join, (), 20),
        (talks.edit_talk, (), 20), (rooms.update_room, (), 20), (rooms.archive_room, (), 20), (rooms.lock_room, (), 20),
        (houses.update_house, (), 20), (members.join_house, (), 20), (members.leave_house, (), 20),
        (invites.accept_invite, (), 20),
    ],
)  # fmt: skip
async def test_each_rate_allows_so_many_at_once(
    operation: Callable[..., Any], given: Sequence[str], most: int
) -> None:
    rates = Rates()
    for _ in range(most):
        await rates.spend(operation, SOMEBODY, given)
    with pytest.raises(RateLimited):
        await rates.spend(operation, SOMEBODY, given)
    assert operation in RATES


async def test_what_has_no_rate_is_not_counted() -> None:
    rates = Rates()
    for _ in range(200):
        await rates.spend(talks.remove_talk, SOMEBODY, ())


async def test_rates_that_are_off_count_no_requests() -> None:
    rates = Rates(on=False)
    for _ in range(200):
        await rates.spend_query(SOMEBODY)


async def test_an_operator_is_not_counted(chat: Chat) -> None:
    async with chat.visit() as visit:
        for n in range(25):
            await visit.carry_out(accounts.register, f"user{n}", PASSWORD)
