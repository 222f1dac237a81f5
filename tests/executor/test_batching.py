"""A batched field is resolved once for all objects of a level."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import strawberry
from graphql import (
    ExecutionResult,
    GraphQLField,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    parse,
)

from chatgraph.executor import batched_by, compile_operation
from tests.executor.library import Desk, asked

TWO = "{ books(count: 2) { author { name } } }"


def test_one_call_answers_for_all_parents() -> None:
    desk = Desk()
    result: Any = asked("query($p: String!) { books(count: 2) { author(prefix: $p) { name } } }").execute(
        desk, {"p": "Poet"}
    )
    assert result.data == {"books": [{"author": {"name": "Poet 10"}}, {"author": {"name": "Poet 20"}}]}
    assert desk.calls == [([1, 2], ["books", 0, "author"], "Poet")]


async def test_a_batch_may_be_awaited() -> None:
    desk = Desk(later=True)
    result: Any = await asked(TWO).execute(desk)  # pyright: ignore[reportGeneralTypeIssues]
    assert [book["author"]["name"] for book in result.data["books"]] == ["Author 10", "Author 20"]
    assert len(desk.calls) == 1


def test_an_exception_among_the_values_is_the_error_of_its_object() -> None:
    result: Any = asked("{ books { author { name } } }").execute(Desk())
    assert [book["author"] for book in result.data["books"]] == [
        {"name": "Author 10"},
        {"name": "Author 20"},
        None,
    ]
    assert [(str(error.original_error), error.path) for error in result.errors] == [
        ("'unknown'", ["books", 2, "author"])
    ]


@pytest.mark.parametrize("wrong", [[], [None], [None] * 3])
def test_a_batch_of_another_length_is_an_error_of_every_object(wrong: list[None]) -> None:
    result: Any = asked(TWO).execute(Desk(wrong=wrong))
    assert [error.path for error in result.errors] == [["books", 0, "author"], ["books", 1, "author"]]
    assert f"not {len(wrong)}" in result.errors[0].message


@strawberry.type
class Seat:
    number: int

    @strawberry.field(metadata=batched_by(lambda seats, info: info.context([seat.number for seat in seats])))
    def row(self, info: strawberry.Info) -> str | None:
        raise NotImplementedError


@strawberry.type
class Hall:
    @strawberry.field
    def seats(self) -> list[Seat]:
        return [Seat(number=1), Seat(number=2)]


@pytest.mark.parametrize(
    ("give", "rows", "errors"),
    [
        (lambda numbers: [f"row {number}" for number in numbers], ["row 1", "row 2"], []),
        (lambda numbers: asyncio.sleep(0, ["row 1", None]), ["row 1", None], []),
        (lambda numbers: [None, LookupError("away")], [None, None], [["seats", 1, "row"]]),
        (lambda numbers: [object(), asyncio.sleep(0, "row 2")], [None, "row 2"], [["seats", 0, "row"]]),
        (lambda numbers: numbers[:1], [None, None], [["seats", 0, "row"], ["seats", 1, "row"]]),
        (lambda numbers: numbers[5], [None, None], [["seats", 0, "row"], ["seats", 1, "row"]]),
    ],
)
async def test_leaves_of_a_batch_are_what_it_gives_at_once_or_later(
    give: Callable[[list[int]], Any], rows: list[str | None], errors: list[Any]
) -> None:
    document = parse("{ seats { number row } }")
    result: Any = compile_operation(strawberry.Schema(Hall)._schema, document).execute(give)
    if not isinstance(result, ExecutionResult):
        result = await result
    assert result.data == {"seats": [{"number": 1, "row": rows[0]}, {"number": 2, "row": rows[1]}]}
    assert [error.path for error in result.errors or ()] == errors


def test_graphql_core_asks_the_ordinary_resolver() -> None:
    desk = Desk()
    result: Any = asked(TWO, compiled=False).execute(desk)
    assert result.data["books"][1] == {"author": {"name": "Author 20"}}
    assert desk.calls == [1, 2]


def test_permissions_are_asked_for_each_object_before_any_batch() -> None:
    desk = Desk()
    result: Any = asked("{ books(count: 2) { owner { name } } }").execute(desk)
    assert [error.message for error in result.errors] == ["Nobody may.", "Nobody may."]
    assert desk.calls == []


def test_a_field_of_graphql_core_may_be_batched() -> None:
    def doubles(parents: list[int], info: Any) -> list[int]:
        return [parent * 2 for parent in parents]

    number = GraphQLObjectType(
        "Number",
        {"double": GraphQLField(GraphQLInt, resolve=lambda *_: -1, extensions=batched_by(doubles))},
    )
    numbers = GraphQLField(GraphQLList(number), resolve=lambda *_: [1, 2])
    schema = GraphQLSchema(GraphQLObjectType("Query", {"numbers": numbers}))
    result: Any = compile_operation(schema, parse("{ numbers { double } }")).execute()
    assert result == ExecutionResult({"numbers": [{"double": 2}, {"double": 4}]}, None)


@pytest.mark.parametrize("leaf", [True, False])
@pytest.mark.parametrize("together", [True, False])
async def test_what_waits_below_an_object_that_becomes_null_tells_nothing(leaf: bool, together: bool) -> None:
    """The field that is awaited stands before the one by which they become null."""
    begun, never = asyncio.Event(), asyncio.Event()

    async def wait(*_: Any) -> Any:
        begun.set()
        await never.wait()

    async def fail(*_: Any) -> None:
        await begun.wait()
        raise LookupError("gone")

    other = GraphQLObjectType("Other", {"size": GraphQLField(GraphQLNonNull(GraphQLInt))})
    batched: dict[str, Any] = {"extensions": batched_by(wait)} if together else {"resolve": wait}
    slow = GraphQLField(GraphQLInt if leaf else other, **batched)
    bad = GraphQLField(GraphQLNonNull(GraphQLInt), resolve=fail)
    thing = GraphQLObjectType("Thing", {"slow": slow, "bad": bad})
    schema = GraphQLSchema(
        GraphQLObjectType("Query", {"thing": GraphQLField(thing, resolve=lambda *_: object)})
    )
    document = parse("{ thing { slow bad } }" if leaf else "{ thing { slow { size } bad } }")
    result: Any = await compile_operation(schema, document).execute()  # pyright: ignore[reportGeneralTypeIssues]
    assert result.data == {"thing": None}
    assert [(error.message, error.path) for error in result.errors] == [("gone", ["thing", "bad"])]
