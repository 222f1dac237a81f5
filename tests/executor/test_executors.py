"""The compiled execution plugs into graphql-core and Strawberry."""

from collections import Counter
from typing import Any

import pytest
import strawberry
from graphql import build_schema, execute, parse

from chatgraph.executor import CompiledExecutor, StrawberryCompiledExecutor
from tests.executor.library import Desk, Mutation, Query

PLAIN = build_schema("""
    type Query { greeting(name: String): String people: [Person!] }
    type Person { name: String! friend: Person }
""")


@pytest.fixture(autouse=True)
def fallbacks(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count afresh."""
    counted: Counter[str] = Counter()
    monkeypatch.setattr("chatgraph.executor.executors.Compiled.fallbacks", counted)
    return counted


def test_graphql_core_takes_it(fallbacks: Counter[str]) -> None:
    root = {
        "greeting": lambda _info, name="you": f"Hello, {name}!",
        "people": ({"name": name, "friend": {"name": "Ben"}} for name in ("Ada", "Cleo")),
    }
    document = parse('{ greeting(name: "Ada") people { name friend { name } } }')
    result: Any = execute(PLAIN, document, root, executor_class=CompiledExecutor)
    assert result.data == {
        "greeting": "Hello, Ada!",
        "people": [{"name": "Ada", "friend": {"name": "Ben"}}, {"name": "Cleo", "friend": {"name": "Ben"}}],
    }
    assert not fallbacks


async def test_strawberry_takes_it(fallbacks: Counter[str]) -> None:
    schema = strawberry.Schema(Query, Mutation, execution_context_class=StrawberryCompiledExecutor)
    desk = Desk()
    result = await schema.execute("{ books(count: 2) { author { name } } }", context_value=desk)
    assert result.data == {"books": [{"author": {"name": "Author 10"}}, {"author": {"name": "Author 20"}}]}
    assert len(desk.calls) == 1
    assert not fallbacks


def test_middleware_is_left_to_graphql_core(fallbacks: Counter[str]) -> None:
    def louder(resolve: Any, root: Any, info: Any, **arguments: Any) -> Any:
        return resolve(root, info, **arguments).upper()

    result: Any = execute(
        PLAIN, parse("{ greeting }"), {"greeting": "hi"}, middleware=[louder], executor_class=CompiledExecutor
    )
    assert result.data == {"greeting": "HI"}
    assert fallbacks == {"middleware": 1}


def test_a_field_resolver_of_the_caller_is_called(fallbacks: Counter[str]) -> None:
    result: Any = execute(
        PLAIN,
        parse("{ greeting }"),
        field_resolver=lambda _source, info: info.field_name,
        executor_class=CompiledExecutor,
    )
    assert result.data == {"greeting": "greeting"}
    assert not fallbacks
