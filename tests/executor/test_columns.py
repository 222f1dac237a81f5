"""What is had of all objects at once: scalars that write many values, and resolvers that take nothing but the object."""

import asyncio
from datetime import date
from typing import Any

import strawberry
from graphql import parse
from strawberry.schema.config import StrawberryConfig

from chatgraph.executor import Operation, compile_operation, written_together

CALLS: list[int] = []


def _write_all(days: list[date]) -> list[str]:
    CALLS.append(len(days))
    return [_write(day) for day in days if day.year != 1900]


@written_together(_write_all)
def _write(day: date) -> str:
    if day.year < 1000:
        raise ValueError(f"{day.year} was too long ago.")
    return day.isoformat()


@strawberry.type
class Book:
    year: int
    published: date | None = None

    def __post_init__(self) -> None:
        self.published = date(self.year, 1, 1) if self.year else None

    @strawberry.field
    def title(self) -> str | None:
        return f"The Year {1000 // self.year}"

    @strawberry.field
    def later(self) -> str:
        return asyncio.sleep(0, f"After {self.year}")  # type: ignore[return-value]


@strawberry.type
class Query:
    @strawberry.field
    def books(self, years: list[int]) -> list[Book]:
        return [Book(year=year) for year in years]


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def begin(self, info: strawberry.Info) -> str:
        await asyncio.sleep(0)
        info.context.append("began")
        return "begun"

    @strawberry.mutation
    def count(root: Any) -> int:  # noqa: N805 -- Strawberry's name
        return len(root)


CONFIG = StrawberryConfig(scalar_map={date: strawberry.scalar(name="Day", serialize=_write)})
SCHEMA = strawberry.Schema(Query, Mutation, config=CONFIG)


def asked(text: str) -> Operation:
    return compile_operation(SCHEMA._schema, parse(text))


def test_many_values_of_a_scalar_are_written_by_one_call() -> None:
    CALLS.clear()
    result: Any = asked("{ books(years: [1984, 2001]) { published } }").execute()
    assert [book["published"] for book in result.data["books"]] == ["1984-01-01", "2001-01-01"]
    assert CALLS == [2]


def test_a_null_among_them_is_not_theirs_to_write() -> None:
    CALLS.clear()
    result: Any = asked("{ books(years: [1984, 0]) { published } }").execute()
    assert [book["published"] for book in result.data["books"]] == ["1984-01-01", None]
    assert CALLS == []


def test_where_one_cannot_be_written_the_others_are() -> None:
    result: Any = asked("{ books(years: [1984, 33, 2001]) { published } }").execute()
    assert [book["published"] for book in result.data["books"]] == ["1984-01-01", None, "2001-01-01"]
    assert [(error.message, error.path) for error in result.errors] == [
        ("33 was too long ago.", ["books", 1, "published"])
    ]


def test_who_writes_fewer_than_were_given_is_not_believed() -> None:
    result: Any = asked("{ books(years: [1900, 2001]) { published } }").execute()
    assert [book["published"] for book in result.data["books"]] == ["1900-01-01", "2001-01-01"]


def test_what_a_function_of_the_object_raises_is_told_of_the_object() -> None:
    result: Any = asked("{ books(years: [500, 0, 250]) { title } }").execute()
    assert [book["title"] for book in result.data["books"]] == ["The Year 2", None, "The Year 4"]
    assert [error.path for error in result.errors] == [["books", 1, "title"]]


async def test_what_a_function_of_the_object_gives_may_be_awaited() -> None:
    result: Any = await asked("{ books(years: [1, 2]) { later } }").execute()  # type: ignore[misc]
    assert result.data == {"books": [{"later": "After 1"}, {"later": "After 2"}]}


async def test_a_function_of_the_root_waits_for_its_turn() -> None:
    told: list[str] = []
    result: Any = await asked("mutation { begin count }").execute(told, root=told)  # type: ignore[misc]
    assert result.data == {"begin": "begun", "count": 1}
