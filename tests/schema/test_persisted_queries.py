"""Automatic persisted queries, as Apollo Client and urql speak them: a hash first, the document only where it is asked for."""

import json
from hashlib import sha256
from typing import Any

import httpx
import pytest

from chatgraph.schema.graph import Graph, Question
from tests.cast import Cast
from tests.conftest import Server
from tests.live.wires import listening, plugged

pytestmark = pytest.mark.asyncio(loop_scope="module")

GRAPHQL_JSON = "application/graphql-response+json"
NOT_FOUND = {
    "errors": [
        {"message": "PersistedQueryNotFound", "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"}},
    ]
}


def document(name: str) -> str:
    """Write a query that no other test has sent."""
    return f"query {name} {{ viewer {{ username }} }}"


def persisted(query: str, version: Any = 1) -> dict[str, Any]:
    return {"persistedQuery": {"version": version, "sha256Hash": sha256(query.encode()).hexdigest()}}


async def ask(company: Cast, method: str = "POST", accept: str = "*/*", **given: Any) -> httpx.Response:
    headers = company.ada.headers | {"Accept": accept}
    if method == "GET":
        parameters = {key: json.dumps(one) if isinstance(one, dict) else one for key, one in given.items()}
        return await company.http.get("/graphql", params=parameters, headers=headers)
    return await company.http.post("/graphql", json=given, headers=headers)


@pytest.mark.parametrize("accept", ["*/*", GRAPHQL_JSON])
@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_a_hash_is_unknown_until_its_document_comes_with_it(
    company: Cast, method: str, accept: str
) -> None:
    query = document(f"By{method}{len(accept)}")
    extensions = persisted(query)
    for _ in range(2):
        unknown = await ask(company, method, accept, extensions=extensions)
        assert (unknown.status_code, unknown.json()) == (200, NOT_FOUND)
        assert unknown.headers["cache-control"] == "no-store"
    for given in ({"query": query}, {}, {}):
        answer = await ask(company, method, accept, extensions=extensions, **given)
        assert answer.json() == {"data": {"viewer": {"username": "ada"}}}


async def test_what_was_sent_by_one_method_is_known_by_the_other_and_over_a_socket(
    standing: Server, company: Cast
) -> None:
    query = document("Everywhere")
    await ask(company, "GET", query=query, extensions=persisted(query))
    answer = await ask(company, extensions=persisted(query))
    assert answer.json() == {"data": {"viewer": {"username": "ada"}}}
    async with plugged(standing, headers=company.ada.headers) as wire:
        await wire.say("connection_init")
        await wire.hear()
        await wire.say("subscribe", "1", payload={"extensions": persisted(query)})
        assert (await wire.hear())["payload"] == {"data": {"viewer": {"username": "ada"}}}


async def test_a_socket_asks_for_the_document_too(standing: Server, company: Cast) -> None:
    query = document("OverASocket")
    async with plugged(standing, headers=company.ada.headers) as wire:
        await wire.say("connection_init")
        await wire.hear()
        await wire.say("subscribe", "1", payload={"extensions": persisted(query)})
        assert await wire.hear() == {"id": "1", "type": "error", "payload": NOT_FOUND["errors"]}
        for name, given in (("2", {"query": query}), ("3", {})):
            await wire.say("subscribe", name, payload={"extensions": persisted(query), **given})
            assert (await wire.hear())["payload"] == {"data": {"viewer": {"username": "ada"}}}
            assert await wire.hear() == {"id": name, "type": "complete"}


async def test_a_subscription_can_be_named_by_its_hash(standing: Server, company: Cast) -> None:
    house = await company.ada.create_house()
    room = await company.ada.create_room(house)
    query = "subscription Hashed($room: ID!) { roomEvents(roomId: $room) { ... on TalkPosted { talk { content } } } }"
    payload = {"variables": {"room": room}, "extensions": persisted(query)}
    async with plugged(standing, headers=company.ada.headers) as wire:
        await wire.say("connection_init")
        await wire.hear()
        for name, given in (("1", {"query": query}), ("2", {})):
            await wire.say("subscribe", name, payload=payload | given)
        await listening(standing, 2)
        await company.ada.post_talk(room, "Hello")
        heard = [await wire.hear() for _ in range(2)]
    told = {"data": {"roomEvents": {"talk": {"content": "Hello"}}}}
    assert [one["payload"] for one in heard] == [told, told]
    assert {one["id"] for one in heard} == {"1", "2"}


async def test_a_hash_of_another_document_is_a_bad_request_and_not_remembered(company: Cast) -> None:
    meant = document("Meant")
    for accept in ("*/*", GRAPHQL_JSON):
        answer = await ask(company, accept=accept, query=document("Sent"), extensions=persisted(meant))
        assert answer.status_code == 400
        [error] = answer.json()["errors"]
        assert error["extensions"] == {"code": "BAD_USER_INPUT", "field": "extensions"}
        assert "sha256Hash" in error["message"]
    assert (await ask(company, extensions=persisted(meant))).json() == NOT_FOUND


@pytest.mark.parametrize(
    "given",
    [
        None,
        "hash",
        7,
        [],
        {},
        {"version": 1},
        {"version": 1, "sha256Hash": 7},
        {"version": 2, "sha256Hash": "0"},
    ],
)
async def test_a_persisted_query_of_another_form_is_a_bad_request(company: Cast, given: Any) -> None:
    for more in ({}, {"query": document("Any")}):
        answer = await ask(company, extensions={"persistedQuery": given}, **more)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT", "field": "extensions"}


async def test_get_writes_no_more_by_a_hash_than_by_a_document(company: Cast) -> None:
    query = 'mutation { createHouse(input: {name: "Engine"}) { house { name } } }'
    await ask(company, query=query, extensions=persisted(query))
    assert (await ask(company, "GET", extensions=persisted(query))).status_code == 405


@pytest.mark.parametrize("query", ["{ nothing }", "{ viewer {"])
async def test_a_document_that_is_refused_is_not_remembered(company: Cast, query: str) -> None:
    first = await ask(company, query=query, extensions=persisted(query))
    assert first.json()["errors"][0]["extensions"]["code"].startswith("GRAPHQL_")
    assert (await ask(company, extensions=persisted(query))).json() == NOT_FOUND


async def test_strangers_hashes_are_forgotten_with_their_documents() -> None:
    graph = Graph(most_bytes=200_000)
    queries = [document(f"Stranger{n}") for n in range(200)]
    hashes = [sha256(query.encode()).hexdigest() for query in queries]
    for query, name in zip(queries, hashes, strict=True):
        graph.prepare(Question(query, sha256=name))
    known = [bool(graph.recall(Question("", sha256=name)).query) for name in hashes]
    assert known == sorted(known)
    assert 5 < sum(known) < 20
    assert len(graph._documents._persisted) == sum(known)
