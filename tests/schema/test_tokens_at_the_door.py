"""Who a request comes from: what is no access token is told so, and only where a name is needed."""

import base64
import json
from datetime import UTC, datetime, timedelta

import httpx
import jwt
import pytest

from chatgraph.credentials.keys import KeyRing
from chatgraph.credentials.tokens import Tokens
from tests.cast import PASSWORD, Actor, Cast, Refused
from tests.conftest import SECRET, Server

VIEWER = "{ viewer { username } }"
LOGIN = "mutation($input: LoginInput!) { login(input: $input) { accessToken user { username } } }"
REFRESH = "mutation($input: RefreshInput!) { refresh(input: $input) { accessToken } }"


def part(value: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.fixture
def stale(server: Server) -> str:
    """A token of ours that has expired."""
    return server.chat.tokens.issue_access(1, 1, datetime.now(UTC) - timedelta(hours=1))


@pytest.fixture
def no_good(cast: Cast, stale: str) -> dict[str, str]:
    """Values of the Authorization header that say nothing about who asks."""
    assert cast.ada.token is not None
    good = cast.ada.token
    head, claims, signature = good.split(".")
    read = jwt.decode(good, options={"verify_signature": False})
    basic = base64.b64encode(f"ada:{PASSWORD}".encode()).decode()
    now = datetime.now(UTC)
    ours = Tokens(KeyRing(SECRET))
    ada, session, _ = ours.read_access(good)
    tokens = {
        "garbage": "garbage",
        "dots": "..",
        "a null": "null",
        "expired": stale,
        "of the future": ours.issue_access(ada, session, now + timedelta(minutes=5)),
        "a refresh token": cast.ada.refresh_token,
        "of another key": Tokens(KeyRing("another secret of 32 bytes or more")).issue_access(ada, session, now),
        "of another audience": Tokens(KeyRing(SECRET), audience="mail").issue_access(ada, session, now),
        "of a user there isn't": ours.issue_access(99, session, now),
        "of somebody else's session": ours.issue_access(ada + 1, session, now),
        "alg none": f"{part({'alg': 'none', 'typ': 'at+jwt'})}.{claims}.",
        "alg None, signed": f"{part({'alg': 'None', 'typ': 'at+jwt'})}.{claims}.{signature}",
        "other claims": f"{head}.{part({**read, 'sub': '2'})}.{signature}",
        "no signature": f"{head}.{claims}.",
        "a megabyte": "a" * 60_000,
        "in quotes": f'"{good}"',
        "twice": f"{good} {good}",
    }  # fmt: skip
    others = {
        "empty": "",
        "the scheme alone": "Bearer",
        "no scheme": good,
        "Basic": f"Basic {basic}",
        "another scheme": f"Token {good}",
        "DPoP": f"DPoP {good}",
    }
    return others | {name: f"Bearer {token}" for name, token in tokens.items()}


async def ask(actor: Actor, authorization: str, query: str = VIEWER, **given: str) -> httpx.Response:
    body = {"query": query, "variables": {"input": given} if given else {}}
    return await actor.http.post("/graphql", json=body, headers={"Authorization": authorization})


async def test_without_a_token_nobody_asks_and_with_one_its_bearer(cast: Cast) -> None:
    assert await cast.stranger.ask(VIEWER) == {"viewer": None}
    assert await cast.ada.ask(VIEWER) == {"viewer": {"username": "ada"}}
    for spelt in (f"bearer {cast.ada.token}", f"BEARER   {cast.ada.token}"):
        assert (await ask(cast.stranger, spelt)).json() == {"data": {"viewer": {"username": "ada"}}}


async def test_what_is_no_token_of_ours_is_refused_wherever_a_name_is_needed(
    cast: Cast, no_good: dict[str, str]
) -> None:
    for name, authorization in no_good.items():
        for query in (VIEWER, "{ houses { nodes { id } } }"):
            response = await ask(cast.stranger, authorization, query)
            assert response.status_code == 401, name
            assert response.headers["www-authenticate"] == 'Bearer realm="chatgraph"'
            [error] = response.json()["errors"]
            assert error["extensions"] == {"code": "UNAUTHENTICATED"}
            assert "ada" not in response.text


async def test_one_who_has_an_expired_token_is_told_so(cast: Cast, stale: str) -> None:
    response = await ask(cast.stranger, f"Bearer {stale}")
    assert response.json()["errors"][0]["message"] == "The access token has expired."


async def test_nobody_is_told_to_sign_in_with_a_scheme(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        await cast.stranger.ask("{ houses { nodes { id } } }")
    assert (refused.value.status, refused.value.code) == (401, "UNAUTHENTICATED")


async def test_one_with_a_token_that_is_no_good_can_still_sign_in_and_refresh(
    cast: Cast, no_good: dict[str, str]
) -> None:
    for name in ("garbage", "expired", "the scheme alone", "Basic", "alg none"):
        response = await ask(cast.stranger, no_good[name], LOGIN, username="ben", password=PASSWORD)
        assert response.json()["data"]["login"]["user"] == {"username": "ben"}, name
    response = await ask(cast.stranger, no_good["expired"], REFRESH, refreshToken=cast.ben.refresh_token)
    cast.ben.token = response.json()["data"]["refresh"]["accessToken"]
    assert await cast.ben.ask(VIEWER) == {"viewer": {"username": "ben"}}


async def test_one_who_signs_in_is_shown_as_who_they_are_not_as_who_sent_the_token(cast: Cast) -> None:
    response = await ask(cast.ada, f"Bearer {cast.ada.token}", LOGIN, username="ben", password=PASSWORD)
    assert response.json()["data"]["login"]["user"] == {"username": "ben"}


async def test_a_token_of_a_session_that_has_ended_is_refused_at_once(cast: Cast) -> None:
    token, refresh = cast.ada.token, cast.ada.refresh_token
    await cast.ada.do("logout", "ok", refreshToken=refresh)
    response = await ask(cast.ada, f"Bearer {token}")
    assert (response.status_code, response.json()["errors"][0]["message"]) == (
        401,
        "The session has ended; sign in again.",
    )
    with pytest.raises(Refused) as refused:
        await cast.stranger.do("refresh", "accessToken", refreshToken=refresh)
    assert refused.value.code == "UNAUTHENTICATED"
    await cast.ada.sign_in()
    assert await cast.ada.ask(VIEWER) == {"viewer": {"username": "ada"}}


async def test_one_session_that_ends_leaves_the_others(cast: Cast) -> None:
    other = Actor(cast.http, "ada")
    await other.sign_in()
    found = await other.ask("{ sessions { nodes { id current } } }")
    [mine] = [node["id"] for node in found["sessions"]["nodes"] if node["current"]]
    await cast.ada.do("revokeSession", "sessionId", sessionId=mine)
    assert await cast.ada.ask(VIEWER) == {"viewer": {"username": "ada"}}
    with pytest.raises(Refused):
        await other.ask(VIEWER)
    await other.sign_in()
    await cast.ada.ask("mutation { logoutEverywhere { ended } }")
    for actor in (cast.ada, other):
        with pytest.raises(Refused) as refused:
            await actor.ask(VIEWER)
        assert refused.value.status == 401


async def test_one_field_that_needs_a_name_leaves_the_others_their_answer(cast: Cast) -> None:
    response = await cast.stranger.post('{ __typename house(id: "SG91c2U6MQ==") { name } }')
    assert response.status_code == 200
    assert response.json()["data"] == {"__typename": "Query", "house": None}
