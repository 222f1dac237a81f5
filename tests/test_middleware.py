"""What every request passes: its id, the bound on its body, and what the answers all carry."""

import asyncio
import io
import logging
import re
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from chatgraph.middleware import BodyGuard, RequestId
from tests.cast import PASSWORD, Actor
from tests.conftest import Server
from tests.schema.standing import standing_server

ASK = {"query": "{ viewer { username } }"}


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def standing(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """A server that stands for all of these tests."""
    async with standing_server(empty_database, tmp_path_factory.mktemp("standing")) as started:
        yield started


@pytest.fixture
def log(standing: Server) -> io.StringIO:
    """What the server writes into its log from now on."""
    [handler] = [one for one in logging.getLogger().handlers if type(one) is logging.StreamHandler]
    stream = io.StringIO()
    handler.setStream(stream)
    return stream


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


async def test_what_is_no_http_passes_untouched() -> None:
    seen: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope)

    lifespan: Scope = {"type": "lifespan"}
    for wrapped in (RequestId(app), BodyGuard(app)):
        await wrapped(lifespan, none_left, unheard)
    assert seen == [lifespan, lifespan]


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
    empty_database: Path, tmp_path: Path
) -> None:
    async with (
        standing_server(empty_database, tmp_path) as server,
        httpx.AsyncClient(base_url=server.url) as http,
    ):
        assert (await http.get("/readyz")).status_code == 200
        server.chat.database.path.unlink()
        await server.chat.database.readers.close()
        assert (await http.get("/healthz")).status_code == 200
        response = await http.get("/readyz")
        assert response.status_code == 503
        assert int(response.headers["retry-after"]) > 0


# The bound on a body.


async def none_left() -> Message:
    await asyncio.get_running_loop().create_future()
    raise AssertionError


async def unheard(message: Message) -> None:
    raise AssertionError(message)


async def read_through(
    chunks: Sequence[bytes],
    *,
    length: str | None = None,
    stalls: bool = False,
    most: int = 10,
    seconds: float = 5,
) -> bytes:
    """Give the body that is read behind the guard of chunks that come one by one; one that *stalls* never ends."""
    left = list(chunks)
    read = b""

    async def receive() -> Message:
        if not left:
            return await none_left()
        chunk = left.pop(0)
        return {"type": "http.request", "body": chunk, "more_body": bool(left) or stalls}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal read
        read = await Request(scope, receive).body()

    headers = [] if length is None else [(b"content-length", length.encode("latin-1"))]
    scope: Scope = {"type": "http", "method": "POST", "path": "/", "headers": headers}
    await BodyGuard(app, most, seconds)(scope, receive, unheard)
    return read


async def test_a_body_of_just_the_bound_is_read_whole() -> None:
    assert await read_through([b"12345", b"", b"67890"]) == b"1234567890"
    assert await read_through([b"1234567890"], length="10") == b"1234567890"
    assert await read_through([b""]) == b""


@pytest.mark.parametrize(
    ("chunks", "length"),
    [
        ([b"12345678901"], None),
        ([b"1234567890", b"1"], None),
        ([b"1234567890", b"1"], "1"),
        ([b"1"], "11"),
        ([b"1"], "9" * 30),
        ([b"1"], "-1"),
        ([b"1"], "+1"),
        ([b"1"], "1e1"),
        ([b"1"], ""),
    ],
)
async def test_a_body_past_the_bound_or_of_no_sane_length_is_refused(
    chunks: list[bytes], length: str | None
) -> None:
    with pytest.raises(HTTPException) as refused:
        await read_through(chunks, length=length)
    assert (refused.value.status_code, refused.value.headers) == (413, {"Connection": "close"})


@pytest.mark.parametrize("length", ["²", "9" * 5000])
async def test_a_length_of_strange_digits_is_refused(length: str) -> None:
    with pytest.raises(HTTPException) as refused:
        await read_through([b"1"], length=length)
    assert refused.value.status_code == 413


async def test_a_body_that_stalls_is_given_up() -> None:
    for chunks in ([], [b"1"], [b"1", b"2"]):
        with pytest.raises(HTTPException) as refused:
            await read_through(chunks, stalls=True, seconds=0.02)
        assert (refused.value.status_code, refused.value.headers) == (408, {"Connection": "close"})


async def test_the_time_for_a_body_is_for_all_of_it_not_for_each_part() -> None:
    parts = 0

    async def drip() -> Message:
        nonlocal parts
        parts += 1
        await asyncio.wait([asyncio.get_running_loop().create_future()], timeout=0.02)
        return {"type": "http.request", "body": b"1", "more_body": parts < 20}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await Request(scope, receive).body()

    scope: Scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
    with pytest.raises(HTTPException) as refused:
        await BodyGuard(app, seconds=0.1)(scope, drip, unheard)
    assert refused.value.status_code == 408
    assert parts <= 6


async def test_who_waits_for_the_client_to_go_away_waits_past_the_time_for_the_body() -> None:
    gone = asyncio.Event()
    messages: list[Message] = [{"type": "http.request", "body": b"1", "more_body": False}]

    async def receive() -> Message:
        if messages:
            return messages.pop()
        await gone.wait()
        return {"type": "http.disconnect"}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert (await receive())["body"] == b"1"
        asyncio.get_running_loop().call_later(0.05, gone.set)
        assert (await receive())["type"] == "http.disconnect"

    scope: Scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
    await BodyGuard(app, seconds=0.02)(scope, receive, unheard)
