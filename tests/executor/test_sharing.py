"""An object to which several others lead is written once; what goes wrong with it is told at each place."""

import asyncio
from typing import Any

import strawberry
from graphql import parse

from chatgraph.executor import batched_by, compile_operation


class Author:
    """Somebody whose *name* may be an exception that is raised, or awaitable; it is noted how often it is read."""

    def __init__(self, name: Any) -> None:
        self._name = name
        self.read = 0

    @property
    def name(self) -> Any:
        self.read += 1
        if isinstance(self._name, Exception):
            raise self._name
        return self._name() if callable(self._name) else self._name


def _authors(books: list[Any], info: strawberry.Info) -> list[Any]:
    return [info.context[book.key % 2] for book in books]


@strawberry.type(name="Author")
class AuthorType:
    name: str


@strawberry.type
class Book:
    key: int

    @strawberry.field(metadata=batched_by(_authors))
    def author(self, info: strawberry.Info) -> AuthorType | None:
        return info.context[self.key % 2]


@strawberry.type
class Query:
    @strawberry.field
    def books(self) -> list[Book]:
        return [Book(key=key) for key in range(5)]


SCHEMA = strawberry.Schema(Query)
ASKED = compile_operation(SCHEMA._schema, parse("{ books { author { name } } }"))


def names(data: Any) -> list[Any]:
    return [book["author"] and book["author"]["name"] for book in data["books"]]


def test_an_object_is_written_once() -> None:
    authors = Author("Ada"), Author("Bob")
    result: Any = ASKED.execute(authors)
    assert names(result.data) == ["Ada", "Bob", "Ada", "Bob", "Ada"]
    assert [author.read for author in authors] == [1, 1]
    first, _, third, *_ = result.data["books"]
    assert first["author"] is third["author"]


def test_what_goes_wrong_is_told_at_each_place() -> None:
    result: Any = ASKED.execute((Author("Ada"), Author(ValueError("no name"))))
    assert names(result.data) == ["Ada", None, "Ada", None, "Ada"]
    assert [error.path for error in result.errors] == [["books", n, "author", "name"] for n in (1, 3)]


async def test_what_is_awaited_is_awaited_at_each_place() -> None:
    later = Author(lambda: asyncio.sleep(0, "Bob"))
    result: Any = await ASKED.execute((Author("Ada"), later))  # type: ignore[misc]
    assert names(result.data) == ["Ada", "Bob", "Ada", "Bob", "Ada"]
    assert later.read == 2


def test_its_values_count_at_each_place() -> None:
    result: Any = ASKED.execute((Author("Ada"), Author("Bob")))
    assert result.values == 1 + 5 + 5
