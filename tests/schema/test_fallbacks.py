"""What is left to graphql-core: counted by reason, told once in the log, without a word of the document."""

from collections import Counter
from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from chatgraph.schema.fallbacks import MOST_REASONS, OTHER, Fallbacks
from chatgraph.schema.graph import Graph, Question
from tests.cast import Cast
from tests.conftest import Server
from tests.live.wires import TALKS, listening, wired

pytestmark = pytest.mark.asyncio(loop_scope="module")

FIELDS = dict(zip("abcd", ("id", "username", "displayName", "createTime"), strict=True))
SKIPS = f"""query Secret({" ".join(f"${name}: Boolean!" for name in FIELDS)}) {{
  viewer {{ databaseId {" ".join(f"{field} @skip(if: ${name})" for name, field in FIELDS.items())} }} }}"""


async def ask(server: Server, graph: Graph, question: Question) -> dict[str, Any]:
    async with server.chat.visit() as visit:
        return (await graph.ask(visit, question)).body()


async def test_what_is_compiled_is_counted_nowhere(standing: Server) -> None:
    graph = Graph()
    with capture_logs() as logs:
        assert await ask(standing, graph, Question("{ viewer { username } }")) == {"data": {"viewer": None}}
    assert (graph.fallbacks, logs) == ({}, [])


async def test_more_ways_to_skip_than_are_compiled_are_counted_and_told_once(standing: Server) -> None:
    graph = Graph()
    with capture_logs() as logs:
        for falls in product((False, True), repeat=4):
            question = Question(SKIPS, None, dict(zip(FIELDS, falls, strict=True)))
            assert await ask(standing, graph, question) == {"data": {"viewer": None}}
    reason = "more than 8 combinations of skip and include"
    assert graph.fallbacks == {reason: 8}
    assert logs == [
        {"event": "executed by graphql-core, not compiled", "reason": reason, "log_level": "warning"}
    ]


async def test_with_compilation_off_every_execution_is_counted_and_none_is_warned_of(
    standing: Server,
) -> None:
    graph = Graph(compiled=False)
    with capture_logs() as logs:
        for text in ("{ viewer { username } }", "{ viewer { id } }", "{ viewer { id } }"):
            await ask(standing, graph, Question(text))
    assert graph.fallbacks == {"compilation is off": 3}
    assert logs == []


async def test_events_that_graphql_core_writes_are_counted_too(standing: Server, company: Cast) -> None:
    live, house = standing.app.state.live, await company.ada.create_house()
    room = await company.ada.create_room(house)
    compiled, live.graph = live.graph, Graph(compiled=False)
    try:
        async with wired(standing, company.ada) as wire:
            await wire.subscribe("1", TALKS, room=room)
            await listening(standing)
            before = live.graph.fallbacks["compilation is off"]
            await company.ada.post_talk(room)
            await wire.hear()
            assert live.graph.fallbacks["compilation is off"] == before + 2  # the mutation, and its event
    finally:
        live.graph = compiled


async def test_reasons_are_bounded_and_hold_nothing_of_a_document() -> None:
    counted, fallbacks = Counter({"it does not compile: the secret": 2}), Fallbacks()
    operation: Any = SimpleNamespace(fallbacks=counted)
    with capture_logs() as logs:
        fallbacks.take(operation)
        assert fallbacks == {"it does not compile": 2}
        assert not counted
        for n in range(2 * MOST_REASONS):
            counted[f"reason {n}"] += 1
            fallbacks.take(operation)
    assert len(fallbacks) == MOST_REASONS + 1 == len(logs)
    assert fallbacks[OTHER] == MOST_REASONS + 1
    assert "secret" not in str(logs)
