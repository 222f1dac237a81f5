"""Documents that are kept: how many, and that strangers' documents never take more memory than is meant for them."""

import gc
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from chatgraph.schema.graph import Graph, Question
from chatgraph.viewer import Viewer
from tests.cast import Actor, Cast
from tests.conftest import Server

pytestmark = pytest.mark.asyncio(loop_scope="module")

MOST = 400_000
HOUSES = """query Houses{n}($a: Boolean! = false, $b: Boolean! = false) {{
  houses {{ nodes {{ id name description @skip(if: $a) visibility memberCount @skip(if: $b) createTime }}
    pageInfo {{ hasNextPage endCursor }} }} viewer {{ id username }} }}"""
NODES = """query Nodes{n}($id: ID!) {{ node(id: $id) {{ id ... on House {{ name description cursor
  rooms(last: 5) {{ nodes {{ id title topic }} }} }} ... on User {{ username displayName }} }} }}"""
FORMS = [{"a": a, "b": b} for a in (False, True) for b in (False, True)]


async def ask_all(server: Server, who: Actor, graph: Graph, texts: Iterable[str]) -> None:
    """Ask each document in all the ways in which it can fall."""
    viewer = server.chat.recognise(who.token, None, "")
    for text in texts:
        given: list[dict[str, Any]] = [{"id": "SG91c2U6MQ=="}] if "$id" in text else FORMS
        for variables in given:
            async with server.chat.visit(viewer) as visit:
                await graph.ask(visit, Question(text, None, variables))


def houses(many: int) -> Iterator[str]:
    return (HOUSES.format(n=n) for n in range(many))


def nodes(many: int) -> Iterator[str]:
    return (NODES.format(n=n) for n in range(many))


def refused(many: int) -> Iterator[str]:
    for n in range(many):
        yield f"{{ nothing{n} {{ at all }} houses {{ nodes {{ id }} }} }}"


def garbled(many: int) -> Iterator[str]:
    return (f"{{ houses({n}: " + "x" * 5_000 for n in range(many))


@pytest.fixture
def traced() -> Iterator[Callable[[], int]]:
    """Gives how many bytes have been taken and not been given back."""

    def held() -> int:
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    yield held
    tracemalloc.stop()


@pytest.mark.parametrize("write", [houses, nodes, refused, garbled])
async def test_however_many_documents_come_they_take_about_what_is_allowed(
    standing: Server, company: Cast, traced: Callable[[], int], write: Any
) -> None:
    some = 5 if write is houses else 25
    await ask_all(standing, company.ada, Graph(most_bytes=0), write(some))  # what is made once and for all
    before, graph = traced(), Graph(most_bytes=MOST)
    await ask_all(standing, company.ada, graph, write(6 * some))
    assert 0.25 * MOST < traced() - before < 1.05 * MOST


async def test_a_document_that_is_used_is_kept_and_the_one_longest_unused_goes() -> None:
    graph = Graph(most_bytes=400_000)
    [first, *others] = houses(12)
    operation = graph.prepare(Question(first))
    for other in others:
        graph.prepare(Question(other))
        assert graph.prepare(Question(first)) is operation
    assert graph.prepare(Question(others[-1])) is graph.prepare(Question(others[-1]))
    forgotten = graph.prepare(Question(others[0]))
    for other in others[1:]:
        graph.prepare(Question(other))
    assert graph.prepare(Question(others[0])) is not forgotten


async def test_a_document_past_all_bounds_is_answered_and_not_kept(standing: Server) -> None:
    graph = Graph(most_bytes=10_000)
    [text] = houses(1)
    async with standing.chat.visit(Viewer()) as visit:
        assert (await graph.ask(visit, Question(text))).errors[0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert graph.prepare(Question(text)) is not graph.prepare(Question(text))
