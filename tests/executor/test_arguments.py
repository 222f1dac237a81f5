"""Arguments are what graphql-core and Strawberry make of them, written out or sent."""

import enum
from typing import Any

import pytest
import strawberry
from graphql import parse

from chatgraph.executor import compile_operation


@strawberry.enum
class Order(enum.Enum):
    OLDEST = "oldest"
    NEWEST = "newest"


@strawberry.input
class Where:
    near: str
    most: int = 7


@strawberry.type
class Query:
    @strawberry.field
    def told(
        self,
        words: str,
        first_of_all: int | None = None,
        share: float | None = strawberry.UNSET,
        order: Order | None = None,
        where: Where | None = None,
        tags: list[str] | None = None,
    ) -> str:
        return repr((words, first_of_all, share, order, where, tags))

    @strawberry.field
    def said(
        self,
        words: str,
        first_of_all: int | None = strawberry.UNSET,
        share: float | None = strawberry.UNSET,
        where: Where | None = strawberry.UNSET,
    ) -> str:
        return repr((words, first_of_all, share, where))


SCHEMA = strawberry.Schema(Query)
VARIABLES = '$words: String! = "said", $first: Int, $share: Float = 0.5, $where: Where'
WRITTEN = [
    'words: "a"',
    'words: "a", firstOfAll: 3, share: 2',
    'words: $words, firstOfAll: 3',
    'firstOfAll: $first, words: "a", share: null',
    "words: $words, firstOfAll: $first, share: $share",
    'words: "a", order: NEWEST, firstOfAll: $first',
    'words: "a", where: {near: $words}, firstOfAll: 3',
    'words: "a", where: $where, share: 1.5',
    'words: "a", tags: ["x", $words]',
]  # fmt: skip
SENT: list[dict[str, Any]] = [
    {},
    {"first": None, "share": None},
    {"words": "b", "first": 5, "share": 1, "where": {"near": "c"}},
]


# Some of them want a look at each argument: `said` has none of these.
FIELDS = [("told", one) for one in WRITTEN] + [
    ("said", one) for one in WRITTEN if "order" not in one and "tags" not in one
]


@pytest.mark.parametrize("sent", SENT)
@pytest.mark.parametrize(("field", "written"), FIELDS)
def test_they_are_the_same_compiled_or_not(field: str, written: str, sent: dict[str, Any]) -> None:
    used = [one for one in VARIABLES.split(", ") if one.split(":")[0] in written]
    document = parse("query" + (f"({', '.join(used)})" if used else "") + f"{{ {field}({written}) }}")
    results: list[Any] = [
        compile_operation(SCHEMA._schema, document, compiled=compiled).execute(None, sent)
        for compiled in (True, False)
    ]
    assert [(result.data, result.errors) for result in results] == [(results[1].data, None)] * 2
