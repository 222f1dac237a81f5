"""Requests that are known: what is asked by one that was sent before, byte for byte, is worked out no more."""

import json
import tracemalloc
from collections.abc import Mapping
from typing import Any

import pytest

from chatgraph.executor import Operation
from chatgraph.schema.documents import LONGEST_BODY, MOST_BODIES, Documents, Ready
from chatgraph.schema.graph import Answer, Graph
from chatgraph.schema.questions import read_question
from chatgraph.schema.schema import SCHEMA
from tests.cast import Cast
from tests.conftest import Server

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOUSES = "query ($first: Int) { houses(first: $first) { nodes { name } } }"
TALKS = "query ($n: Int) { houses(first: $n) { nodes { rooms(first: $n) { nodes { talks(first: $n) { nodes { id } } } } } } }"
ROOMS = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"


def write(query: str, variables: Mapping[str, Any] | None = None, **more: Any) -> bytes:
    return json.dumps({"query": query, "variables": variables, **more}).encode()


def send(graph: Graph, body: bytes) -> Operation | Answer | Ready:
    """Prepare what is asked by a request, as the door does."""
    known = graph.known(body)
    return known or graph.prepare(graph.recall(read_question(json.loads(body), body=body)))


def is_known(graph: Graph, body: bytes) -> bool:
    return graph.known(body) is not None


async def test_a_request_is_known_once_it_was_sent_twice() -> None:
    graph, body = Graph(), write(HOUSES, {"first": 3})
    for known in (False, False, True):
        assert isinstance(send(graph, body), Ready) is known
    ready = graph.known(body)
    assert ready is not None
    assert (ready.operation, ready.variables.coerced) == (send(graph, write(HOUSES)), {"first": 3})
    assert not is_known(graph, body + b" ")


@pytest.mark.parametrize(
    "body",
    [
        write('mutation { createHouse(input: { name: "x" }) { house { id } } }'),
        write("subscription { houseEvents(houseId: 1) { __typename } }"),
        write(ROOMS, {"ids": ["x"]}),  # a list, which whoever gets it could change
        write(HOUSES, {"first": "three"}),
        write(TALKS, {"n": 100}),
        write("{ nothing }"),
        write(HOUSES, operationName="Another"),
        write(HOUSES, {"first": 3, "more": "x" * LONGEST_BODY}),
    ],
)
async def test_what_writes_is_refused_or_is_too_long_is_never_known(body: bytes) -> None:
    graph = Graph()
    for _ in range(4):
        send(graph, body)
    assert not is_known(graph, body)


async def test_a_document_has_so_many_requests_that_are_known_and_the_first_go() -> None:
    graph = Graph()
    bodies = [write(HOUSES, {"first": 3, "n": n}) for n in range(MOST_BODIES + 2)]
    for body in [*bodies, *bodies]:
        send(graph, body)
    assert [is_known(graph, body) for body in bodies] == [False, False] + [True] * MOST_BODIES


async def test_requests_go_with_their_document_and_keep_it_as_long_as_they_come() -> None:
    graph = Graph(most_bytes=100_000)
    body = write(HOUSES, {"first": 3})
    for _ in range(3):
        send(graph, body)
    for n in range(100):
        send(graph, write(f"query Other{n} {{ viewer {{ id }} }}"))
        if n < 50:
            assert isinstance(send(graph, body), Ready)
    assert not is_known(graph, body)
    assert isinstance(send(graph, body), Operation)


@pytest.mark.parametrize("longest", [10, 1000])
async def test_what_is_known_weighs_about_what_it_takes(longest: int) -> None:
    documents = Documents(SCHEMA._schema)
    prepared = documents.prepare(HOUSES)
    operation = documents.operation(prepared, None)
    weight, prepared_weight = documents.weight, prepared.weight
    bodies = [write(HOUSES, {"first": n, "more": f"{n}" * longest}) for n in range(100, 300)]
    tracemalloc.start()
    for body in bodies * 2:
        own = bytes(bytearray(body))  # as each request has its own
        documents.know(own, prepared, operation, json.loads(own)["variables"])
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert documents.weight - weight == prepared.weight - prepared_weight
    assert 0.4 * (documents.weight - weight) < taken < 1.05 * (documents.weight - weight)


async def test_whoever_sends_what_is_known_is_answered_as_themselves(standing: Server, company: Cast) -> None:
    body = write("query Known { viewer { username } }")

    async def ask(headers: dict[str, str]) -> Any:
        json_headers = {**headers, "Content-Type": "application/json"}
        return (await company.http.post("/graphql", content=body, headers=json_headers)).json()

    for _ in range(3):
        assert await ask(company.ada.headers) == {"data": {"viewer": {"username": "ada"}}}
        assert await ask(company.ben.headers) == {"data": {"viewer": {"username": "ben"}}}
        assert await ask({}) == {"data": {"viewer": None}}
    assert is_known(standing.app.state.live.graph, body)
