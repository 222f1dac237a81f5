"""A compiled operation is executed as graphql-core would, and no more is awaited than must be."""

import asyncio
from typing import Any

import pytest
from graphql import ExecutionResult, build_schema, parse

from chatgraph.executor import compile_operation
from chatgraph.executor.plans import MOST_VARIANTS
from tests.executor.library import LIBRARY, Desk, asked


def test_what_awaits_nothing_is_given_at_once() -> None:
    assert isinstance(asked("{ books { key author { name } } }").execute(Desk()), ExecutionResult)


async def test_siblings_that_load_in_one_tick_load_together() -> None:
    desk = Desk()
    await asked("{ books(count: 2) { writer { name } editor { name } } }").execute(desk)  # pyright: ignore
    assert desk.loads == [[1, 2, 101, 102]]


async def test_a_single_awaitable_is_awaited_without_a_task() -> None:
    before = asyncio.all_tasks()
    seen: list[int] = []

    async def count() -> str:
        await asyncio.sleep(0)
        seen.append(len(asyncio.all_tasks() - before))
        return "1"

    operation = compile_operation(LIBRARY._schema, parse('mutation { note(word: "a") }'))
    assert (await operation.execute(Desk())).data == {"note": "a"}  # pyright: ignore
    await count()
    assert seen == [0]


def test_each_object_has_its_own_path() -> None:
    result: Any = asked("{ all: books(count: 2) { where: place } }").execute(Desk())
    assert [book["where"] for book in result.data["all"]] == [
        "['all', 0, 'where'] place place",
        "['all', 1, 'where'] place place",
    ]


def test_input_that_a_resolver_changed_is_fresh_in_the_next_execution() -> None:
    operation = asked("{ books(count: 1) { asked(cut: {start: 2}) } }")
    first: Any = operation.execute(Desk())
    second: Any = operation.execute(Desk())
    assert first == second
    assert first.data["books"][0]["asked"] == "2 ['more'] {} ['asked'] str"


async def test_root_fields_of_a_mutation_run_one_after_another() -> None:
    desk = Desk()
    await asked('mutation { a: note(word: "a") b: note(word: "b") }').execute(desk)  # pyright: ignore
    assert desk.calls == ["a began", "a ended", "b began", "b ended"]


@pytest.mark.parametrize("compiled", [False, True])
async def test_root_fields_that_are_only_read_wait_for_those_before_them_too(compiled: bool) -> None:
    schema = build_schema(
        "type Query { q: Int } type Paid { sum: Int } type Mutation { pay: Paid take: Int give: Int }"
    )
    calls: list[str] = []

    def later(name: str, value: Any) -> Any:
        async def call(_: Any) -> Any:
            calls.append(f"{name} began")
            await asyncio.sleep(0)
            calls.append(f"{name} ended")
            return value

        return call

    root = {
        "pay": later("pay", {"sum": 1}),
        "take": lambda _: calls.append("taken") or 2,
        "give": later("give", 3),
    }
    document = parse("mutation { __typename pay { sum } take give }")
    result: Any = await compile_operation(schema, document, compiled=compiled).execute(root=root)  # pyright: ignore
    assert result.data == {"__typename": "Mutation", "pay": {"sum": 1}, "take": 2, "give": 3}
    assert calls == ["pay began", "pay ended", "taken", "give began", "give ended"]


async def test_a_mutation_ends_with_what_takes_all_data_with_it() -> None:
    desk = Desk()
    result: Any = await asked('mutation { fail note(word: "b") }').execute(desk)  # pyright: ignore
    assert result.data is None
    assert desk.calls == []


def test_variables_of_a_wrong_type_are_refused_before_anything_runs() -> None:
    result: Any = asked("query($n: Int!) { books(count: $n) { key } }").execute(Desk(), {"n": "x"})
    assert result.data is None
    assert "$n" in result.errors[0].message


async def test_a_subscription_gives_its_source_and_executes_each_event() -> None:
    operation = asked("subscription($n: Int!) { published(first: $n) { key author { name } } }")
    desk = Desk()
    source = operation.subscribe(desk, {"n": 1})
    source = await source
    results = [operation.execute_event(event, desk, {"n": 1}) async for event in source]
    assert [result.data for result in results] == [  # pyright: ignore
        {"published": {"key": 1, "author": {"name": "Author 10"}}},
        {"published": {"key": 2, "author": {"name": "Author 20"}}},
    ]


@pytest.mark.parametrize(("compiled", "counted"), [(True, {}), (False, {"compilation is off": 1})])
def test_whether_it_is_compiled_can_be_seen(compiled: bool, counted: dict[str, int]) -> None:
    operation = asked("{ books { key } }", compiled)
    result: Any = operation.execute(Desk())
    assert result.data == {"books": [{"key": 1}, {"key": 2}, {"key": 3}]}
    assert operation.fallbacks == counted


def test_combinations_of_conditions_beyond_a_bound_are_left_to_graphql_core() -> None:
    names = [f"v{number}" for number in range(6)]
    fields = " ".join(f"{name}: key @include(if: ${name})" for name in names)
    head = ", ".join(f"${name}: Boolean!" for name in names)
    operation = asked(f"query({head}) {{ books(count: 1) {{ __typename {fields} }} }}")
    for number in range(64):
        chosen = {name: bool(number >> place & 1) for place, name in enumerate(names)}
        result: Any = operation.execute(Desk(), chosen)
        assert list(result.data["books"][0])[1:] == [name for name in names if chosen[name]]
    assert sum(operation.fallbacks.values()) == 64 - MOST_VARIANTS


def test_an_operation_that_is_not_in_the_document_is_an_error() -> None:
    with pytest.raises(LookupError):
        compile_operation(LIBRARY._schema, parse("query A { books { key } }"), "B")


async def test_what_became_null_is_not_waited_for() -> None:
    import strawberry

    never = asyncio.Event()

    @strawberry.type
    class Pair:
        @strawberry.field
        async def slow(self) -> int | None:
            await never.wait()
            return 1

        @strawberry.field
        async def wrong(self) -> int:
            raise ValueError("wrong")

    @strawberry.type
    class Query:
        @strawberry.field
        def pair(self) -> Pair | None:
            return Pair()

    schema = strawberry.Schema(Query)
    operation = compile_operation(schema._schema, parse("{ pair { slow wrong } }"))
    async with asyncio.timeout(2):
        result: Any = await operation.execute()  # pyright: ignore
    assert result.data == {"pair": None}
    assert [error.message for error in result.errors] == ["wrong"]
