"""What goes wrong is told as problem JSON, whatever it was."""

from collections.abc import Callable
from typing import Any

import pytest
from structlog.testing import capture_logs

from chatgraph.errors import Unavailable
from chatgraph.operations.tallies import Tally
from chatgraph.schema.graph import Graph
from chatgraph.schema.statuses import STATUSES
from chatgraph.settings import Settings
from rest_compat.openapi import document
from tests.cast import PASSWORD, Cast
from tests.conftest import running

PROBLEM = "application/problem+json"
POSTED = ("login", "register", "refresh", "room/new")
GOT = ("house/list", "room/list", "talk/list", "openapi.json")


async def test_any_path_below_that_nobody_documented_is_not_found_in_json(cast: Cast) -> None:
    for path in ("", "/", "/nothing", "/login/", "/house", "/house/list/1", "/LOGIN", "//login", "/%00"):
        for method in ("GET", "POST"):
            answer = await cast.http.request(method, f"/api/v1{path}", headers=cast.ada.headers)
            assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM), path
            assert answer.json()["code"] == "NOT_FOUND"


async def test_other_methods_are_refused_with_those_that_are_allowed(cast: Cast) -> None:
    for path in (*POSTED, *GOT):
        mine = {"POST"} if path in POSTED else {"GET", "HEAD"}
        for method in {
            "GET",
            "HEAD",
            "POST",
            "PUT",
            "PATCH",
            "DELETE",
            "OPTIONS",
            "TRACE",
            "PROPFIND",
        } - mine:
            answer = await cast.ada.rest(method, path)
            assert answer.status_code == 405, (method, path)
            assert set(answer.headers["allow"].split(", ")) == mine
            assert answer.headers["content-type"] == PROBLEM


async def test_a_problem_has_the_members_of_rfc_9457_and_a_code(cast: Cast) -> None:
    answer = await cast.ada.rest("GET", "talk/list?room=999")
    assert answer.json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "There is no such room.",
        "code": "NOT_FOUND",
    }


@pytest.mark.parametrize("registration", ["invite", "closed"])
async def test_who_may_not_register_is_told_so_in_words_that_are_true_here(
    make_settings: Callable[..., Settings], registration: str
) -> None:
    async with running(make_settings(registration=registration)) as server, Cast(server.url) as cast:
        given = {"username": "ada", "password": PASSWORD, "inviteCode": "a code that REST doesn't take"}
        answer = await cast.stranger.rest("POST", "register", json=given)
        assert (answer.status_code, answer.headers["content-type"]) == (403, PROBLEM)
        assert answer.json()["code"] == "FORBIDDEN"
        assert (
            answer.json()["detail"]
            == {
                "invite": "Registration takes an invite: GraphQL's `register` takes its code as `inviteCode`.",
                "closed": "Registration is closed: whoever runs this server makes the accounts.",
            }[registration]
        )
        told = (await cast.stranger.rest("GET", "openapi.json")).json()
        assert "403" in told["paths"]["/api/v1/register"]["post"]["responses"]


async def test_who_sends_credentials_that_are_no_good_is_told_why(cast: Cast) -> None:
    answer = await cast.stranger.rest("GET", "house/list", headers={"Authorization": "Basic YWRhOng="})
    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHENTICATED")
    await cast.ada.do("logout", "ok", refreshToken=cast.ada.refresh_token)
    answer = await cast.ada.rest("GET", "house/list")
    assert (answer.status_code, answer.json()["detail"]) == (401, "The session has ended; sign in again.")


async def test_every_code_has_a_status_and_stands_in_the_openapi_document() -> None:
    told = set(document()["components"]["schemas"]["Problem"]["properties"]["code"]["enum"])
    assert told == {code for code in STATUSES if not code.startswith("GRAPHQL_")}


async def test_a_defect_in_the_schema_is_masked(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("chatgraph.schema.query.show_page", broken)
    await _check_masked(cast)


async def test_a_defect_in_the_door_is_masked(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(Graph, "execute", broken)
    await _check_masked(cast)


async def _check_masked(cast: Cast) -> None:
    with capture_logs() as logs:
        answer = await cast.ada.rest("GET", "house/list")
    assert (answer.status_code, answer.headers["content-type"]) == (500, PROBLEM)
    assert answer.json()["code"] == "INTERNAL_SERVER_ERROR"
    assert "secret" not in answer.text
    [logged] = [entry for entry in logs if entry["event"] == "unexpected error"]
    assert logged["incident"] in answer.json()["detail"]


async def test_a_server_that_cannot_now_says_when_to_come_again(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy(*_: Any) -> None:
        raise Unavailable("Too many queries are waiting to be read.", retry_after=3)

    monkeypatch.setattr("chatgraph.operations.houses.list_houses", busy)
    answer = await cast.ada.rest("GET", "house/list")
    assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")
    assert answer.headers["retry-after"] == "3"


async def test_the_sixth_try_at_a_password_is_told_to_wait_also_with_the_right_one(
    make_settings: Callable[..., Settings],
) -> None:
    async with running(make_settings(rate_limits=True)) as server, Cast(server.url) as cast:
        await cast.ada.register()
        for _ in range(5):
            given = {"username": "ada", "password": "wrong"}
            assert (await cast.stranger.rest("POST", "login", json=given)).status_code == 401
        given = {"username": "ada", "password": PASSWORD}
        answer = await cast.stranger.rest("POST", "login", json=given)
        assert (answer.status_code, answer.headers["content-type"]) == (429, PROBLEM)
        assert answer.json()["code"] == "RATE_LIMITED"
        assert 1 <= int(answer.headers["retry-after"]) <= 900
        assert answer.headers["ratelimit-policy"] == '"login per account";q=5;w=900'


async def test_each_call_counts_as_one_query(
    make_settings: Callable[..., Settings],
) -> None:
    async with running(make_settings(rate_limits=True)) as server, Cast(server.url) as cast:
        server.chat.rates._here = Tally(clock=lambda: 0)  # else the window may end meanwhile
        await cast.ada.register()
        await cast.ada.sign_in()
        statuses = [(await cast.ada.rest("HEAD", "house/list")).status_code for _ in range(100)]
        assert statuses == [200] * 100
        answer = await cast.ada.rest("GET", "house/list")
        assert answer.status_code == 429
        assert answer.headers["retry-after"]
