"""The way in: the id of a request, what the answers all carry, and what is told of a defect."""

import asyncio
import io
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from chatgraph.schema.endpoint import Door
from tests.cast import PASSWORD, Actor
from tests.conftest import Server
from tests.databases import Empty, url_of
from tests.logged import note_log
from tests.schema.standing import standing_server

ASK = {"query": "{ viewer { username } }"}


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def standing(empty_database: Empty, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """A server that stands for all of these tests."""
    async with standing_server(empty_database, tmp_path_factory.mktemp("standing")) as started:
        yield started


@pytest.fixture
def log(standing: Server) -> io.StringIO:
    """What the server writes into its log from now on."""
    return note_log()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def http(standing: Server) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a name."""
    async with httpx.AsyncClient(base_url=standing.url) as client:
        yield client


# The id of a request.


@pytest.mark.parametrize("brought", ["1", "7f3a-42", "a.b_c-D9", "x" * 64])
async def test_a_sane_id_that_a_request_brings_is_kept(http: httpx.AsyncClient, brought: str) -> None:
    for response in (
        await http.post("/graphql", json=ASK, headers={"X-Request-Id": brought}),
        await http.get("/nowhere", headers={"X-Request-Id": brought}),
        await http.post("/graphql", content=b"garbage", headers={"X-Request-Id": brought}),
    ):
        assert response.headers["x-request-id"] == brought


@pytest.mark.parametrize(
    "brought", [None, "", "x" * 65, "a b", "a\tb", "<script>", "a=1;b", "é", "a,b", "%0a", "a/b"]
)
async def test_any_other_request_gets_a_new_id(http: httpx.AsyncClient, brought: str | None) -> None:
    headers = {} if brought is None else {b"X-Request-Id": brought.encode()}
    given = [
        (await http.post("/graphql", json=ASK, headers=headers)).headers["x-request-id"] for _ in range(2)
    ]
    assert all(re.fullmatch("[0-9a-f]{32}", one) for one in given)
    assert given[0] != given[1]


async def test_each_record_of_the_log_tells_which_request_it_is_of(
    http: httpx.AsyncClient, log: io.StringIO
) -> None:
    names = [f"request-{n:02}" for n in range(20)]
    await asyncio.gather(*(http.post("/graphql", json=ASK, headers={"X-Request-Id": name}) for name in names))
    records = [line for line in log.getvalue().splitlines() if "POST /graphql" in line]
    assert sorted(record.split("request_id=")[1].strip() for record in records) == names


async def test_the_log_holds_no_token_and_no_password(http: httpx.AsyncClient, log: io.StringIO) -> None:
    ada = Actor(http, "ada")
    await ada.register()
    await ada.sign_in()
    await ada.ask(ASK["query"])
    await ada.do("refresh", "expiresIn", refreshToken=ada.refresh_token)
    assert log.getvalue().count("POST /graphql") == 4
    for secret in (ada.token, ada.refresh_token, PASSWORD):
        assert str(secret) not in log.getvalue()


# Who is asking.


async def test_a_header_that_brings_no_bearer_token_is_told_how_it_must_read(http: httpx.AsyncClient) -> None:
    for sent in ("", "Bearer", "Basic YWRhOng=", "rubbish", f"Token {PASSWORD}"):
        answers = [
            await http.get("/api/v1/house/list", headers={"Authorization": sent}),
            await http.post("/graphql", json=ASK, headers={"Authorization": sent}),
        ]
        assert [answer.status_code for answer in answers] == [401, 401], sent
        told = [answers[0].json()["detail"], answers[1].json()["errors"][0]["message"]]
        assert told == ["The header must read `Authorization: Bearer <access token>`."] * 2, sent


async def test_a_token_that_is_no_good_is_told_apart_from_a_header_without_one(
    standing: Server, http: httpx.AsyncClient
) -> None:
    ancient = standing.chat.tokens.issue_access(1, 1, datetime(2020, 1, 1, tzinfo=UTC))
    for token, said in (("rubbish", "is not valid"), ("a b", "is not valid"), (ancient, "has expired")):
        answer = await http.get("/api/v1/house/list", headers={"Authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.json()["detail"]) == (401, f"The access token {said}.")


# What every answer carries.


@pytest.mark.parametrize(
    "path", ["/graphql", "/graphql/assets/boot.js", "/healthz", "/readyz", "/nowhere", "/api/v1/house/list"]
)
async def test_no_answer_is_to_be_sniffed(http: httpx.AsyncClient, path: str) -> None:
    response = await http.get(path)
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["x-request-id"]


async def test_the_server_says_that_it_is_alive_and_ready(http: httpx.AsyncClient) -> None:
    for path, said in (("/healthz", "alive\n"), ("/readyz", "ready\n")):
        response = await http.get(path)
        assert (response.status_code, response.text) == (200, said)
        assert (await http.post(path)).status_code == 405


async def test_a_server_whose_database_is_gone_is_alive_but_not_ready(
    empty_database: Empty, tmp_path: Path
) -> None:
    async with (
        standing_server(empty_database, tmp_path) as server,
        httpx.AsyncClient(base_url=server.url) as http,
    ):
        assert (await http.get("/readyz")).status_code == 200
        empty_database.drop(url_of(server.chat.database))
        readers = server.chat.database.readers
        while readers._idle:  # else SQLite reads on in the file that is gone
            await readers._idle.pop().close()
        assert (await http.get("/healthz")).status_code == 200
        response = await http.get("/readyz")
        assert response.status_code == 503
        assert int(response.headers["retry-after"]) > 0


@pytest.mark.parametrize(("introspection", "status"), [(True, 307), (False, 404)])
async def test_the_address_of_the_server_leads_to_graphiql(
    empty_database: Empty, tmp_path: Path, introspection: bool, status: int
) -> None:
    async with (
        standing_server(empty_database, tmp_path, introspection=introspection) as server,
        httpx.AsyncClient(base_url=server.url, headers={"Accept": "text/html"}) as http,
    ):
        answer = await http.get("/")
        assert answer.status_code == status
        if introspection:
            page = await http.send(answer.next_request) if answer.next_request else answer
            assert (page.url.path, page.headers["content-type"]) == ("/graphql", "text/html; charset=utf-8")


# Defects.


@pytest.mark.parametrize("path", ["/graphql", "/readyz"])
async def test_what_nobody_foresaw_is_masked_and_logged_under_the_id_of_its_request(
    standing: Server, http: httpx.AsyncClient, log: io.StringIO, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    async def broken(*_: Any) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(Door, "_respond", broken)
    monkeypatch.setattr(standing.chat, "check", broken)
    response = await http.get(path, headers={"X-Request-Id": "request-7"})
    assert (response.status_code, response.headers["x-request-id"]) == (500, "request-7")
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.text == "Something went wrong on the server; it is logged as request-7.\n"
    assert "RuntimeError: secret" in log.getvalue()
    assert "request_id=request-7" in log.getvalue()


async def test_a_page_elsewhere_may_read_what_it_is_told_of_a_defect(
    empty_database: Empty, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(Door, "_respond", broken)
    origin = "https://elsewhere.example"
    async with (
        standing_server(empty_database, tmp_path, allowed_origins=[origin]) as server,
        httpx.AsyncClient(base_url=server.url, headers={"Origin": origin}) as http,
    ):
        response = await http.post("/graphql", json=ASK)
    assert (response.status_code, response.headers["access-control-allow-origin"]) == (500, origin)
