"""Whose pages may call `/graphql`, and that nothing but the Authorization header says who asks."""

from collections.abc import Callable

import httpx
import pytest

from chatgraph.settings import Settings
from tests.cast import Cast
from tests.conftest import running

pytestmark = pytest.mark.asyncio(loop_scope="module")

VIEWER = "{ viewer { username } }"
FOREIGN = "https://elsewhere.example"


async def test_pages_of_other_origins_may_not_call(company: Cast) -> None:
    answered = await company.ada.post(VIEWER, Origin=FOREIGN)
    asked = await company.http.options(
        "/graphql", headers={"Origin": FOREIGN, "Access-Control-Request-Method": "POST"}
    )
    for response in (answered, asked):
        assert "access-control-allow-origin" not in response.headers
        assert "access-control-allow-credentials" not in response.headers
    assert asked.status_code == 400


async def test_pages_of_an_allowed_origin_may_call_with_a_token(
    make_settings: Callable[..., Settings],
) -> None:
    settings = make_settings(allowed_origins=("https://chat.example",))
    asking = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    async with running(settings) as server, httpx.AsyncClient(base_url=server.url) as http:
        for origin, allowed in (("https://chat.example", True), (FOREIGN, False), ("null", False)):
            preflight = await http.options("/graphql", headers={"Origin": origin, **asking})
            answer = await http.post("/graphql", json={"query": VIEWER}, headers={"Origin": origin})
            refusal = await http.post("/graphql", content=b"garbage", headers={"Origin": origin})
            assert preflight.is_success == allowed
            for response in (preflight, answer, refusal):
                assert response.headers.get("access-control-allow-origin") == (origin if allowed else None)
                assert "access-control-allow-credentials" not in response.headers
            if allowed:
                assert "authorization" in preflight.headers["access-control-allow-headers"].lower()
                assert "Origin" in answer.headers["vary"]
                assert "X-Request-Id" in answer.headers["access-control-expose-headers"]


async def test_nobody_is_given_a_cookie(company: Cast) -> None:
    tokens = await company.ben.post(
        'mutation { login(input: {username: "ben", password: "nine violet teapots"}) { accessToken } }'
    )
    page = await company.http.get("/graphql", headers={"Accept": "text/html"})
    asset = await company.http.get("/graphql/assets/boot.js")
    refused = await company.http.post("/graphql", content=b"garbage")
    for response in (tokens, page, asset, refused, await company.http.get("/healthz")):
        assert "set-cookie" not in response.headers
    assert tokens.json()["data"]["login"]["accessToken"]


async def test_a_cookie_says_nothing_about_who_asks(company: Cast) -> None:
    for cookie in (f"token={company.ada.token}", f"Authorization=Bearer {company.ada.token}"):
        response = await company.stranger.post(VIEWER, Cookie=cookie)
        assert response.json() == {"data": {"viewer": None}}


async def test_a_token_in_the_address_says_nothing_about_who_asks(company: Cast) -> None:
    for name in ("access_token", "token", "authorization"):
        parameters = {"query": VIEWER, name: f"{company.ada.token}"}
        assert (await company.http.get("/graphql", params=parameters)).json() == {"data": {"viewer": None}}
