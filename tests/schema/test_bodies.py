"""Bodies: of which type, in which encoding and how large they may be, and that refusing one hurts nobody else."""

import gzip
import json

import pytest

from tests.cast import Cast
from tests.conftest import Server
from tests.schema.answers import first_error
from tests.schema.wire import MEGABYTE, chunked, post, send

pytestmark = pytest.mark.asyncio(loop_scope="module")

ASK = {"query": "{ viewer { username } }"}
BAD = "BAD_USER_INPUT"


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "APPLICATION/JSON",
        "application/json; charset=utf-8",
        'application/json;charset="UTF-8"',
    ],
)
async def test_json_in_utf_8_is_taken(company: Cast, content_type: str) -> None:
    response = await company.http.post(
        "/graphql", content=json.dumps(ASK), headers={"Content-Type": content_type}
    )
    assert response.json() == {"data": {"viewer": None}}


@pytest.mark.parametrize(
    "content_type",
    [
        None, "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/graphql",
        "text/json", "application/json; charset=latin-1", "application/json; charset=utf-16", "text/application/json",
        "application/jsonp", "xapplication/json", "text/plain; application/json", "text/plain; a=application/json",
        "text/plain, application/json", "application/json, text/plain", "application /json", "application/json/x",
        "application/vnd.api+json", "*/*", "/", ";", "application/json; charset=" + "x" * 5000,
    ],
)  # fmt: skip
async def test_anything_but_json_is_an_unsupported_type(company: Cast, content_type: str | None) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}
    response = await company.http.post("/graphql", content=json.dumps(ASK).encode(), headers=headers)
    assert response.status_code == 415
    assert first_error(response) == {"code": BAD}
    assert response.headers["accept-post"] == "application/json"


async def test_a_form_cannot_ask(company: Cast) -> None:
    for form in ({"data": ASK}, {"files": {"query": ("q", ASK["query"])}}):
        response = await company.http.post("/graphql", **form)  # type: ignore[arg-type]
        assert response.status_code == 415


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "deflate", "br", "gzip, identity", "nothing"])
async def test_an_encoded_body_is_refused(company: Cast, encoding: str) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": encoding}
    body = gzip.compress(json.dumps(ASK).encode())
    response = await company.http.post("/graphql", content=body, headers=headers)
    assert response.status_code == 415
    assert first_error(response) == {"code": BAD}
    assert response.headers["accept-encoding"] == "identity"


# Sizes.


async def test_a_body_of_256_kib_is_taken_and_one_byte_more_is_not(company: Cast) -> None:
    for size, status in ((2**18, 200), (2**18 + 1, 413)):
        content = json.dumps(ASK).encode().ljust(size)
        response = await company.http.post(
            "/graphql", content=content, headers={"Content-Type": "application/json"}
        )
        assert response.status_code == status
    assert first_error(response) == {"code": BAD}


async def test_20_megabytes_are_refused_before_they_are_sent(standing: Server, company: Cast) -> None:
    answer = await send(standing.url, post(standing.url, f"Content-Length: {20 * 2**20}"))
    assert (answer.status, answer.code, answer.closed) == (413, BAD, True)
    assert (await company.ada.ask(ASK["query"]))["viewer"] == {"username": "ada"}


async def test_20_megabytes_are_refused_while_they_are_sent(standing: Server, company: Cast) -> None:
    head = post(standing.url, f"Content-Length: {20 * 2**20}")
    answer = await send(standing.url, head, [MEGABYTE] * 20)
    assert (answer.status, answer.code) == (413, BAD)
    assert (await company.ada.ask(ASK["query"]))["viewer"] == {"username": "ada"}


async def test_20_megabytes_in_chunks_are_refused_and_the_connection_ends(
    standing: Server, company: Cast
) -> None:
    head = post(standing.url, "Transfer-Encoding: chunked")
    answer = await send(standing.url, head, chunked(20))
    assert (answer.status, answer.code) == (413, BAD)
    assert answer.headers["connection"] == "close"
    assert (await company.ada.ask(ASK["query"]))["viewer"] == {"username": "ada"}


@pytest.mark.parametrize("length", ["-1", "+1", "1e3", "0x10", "9" * 30, "1, 1", "twelve"])
async def test_a_length_that_is_none_is_a_bad_request(standing: Server, company: Cast, length: str) -> None:
    answer = await send(standing.url, post(standing.url, f"Content-Length: {length}"), [b"{}"])
    assert answer.status in (400, 413)
    assert (await company.ada.ask(ASK["query"]))["viewer"] == {"username": "ada"}
