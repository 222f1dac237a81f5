"""A small schema of books and authors, whose resolvers note how they are called."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import strawberry
from graphql import parse
from strawberry.dataloader import DataLoader
from strawberry.permission import BasePermission

from chatgraph.executor import Operation, batched_by, compile_operation


class Desk:
    """The context: what was called."""

    def __init__(self, later: bool = False, wrong: Any = None) -> None:
        self.later = later
        self.wrong = wrong
        self.calls: list[Any] = []
        self.loads: list[list[int]] = []
        self.authors = DataLoader(load_fn=self._load)

    async def _load(self, keys: list[int]) -> list["Author"]:
        self.loads.append(keys)
        return [Author(key=key, name=f"Author {key}") for key in keys]


Info = strawberry.Info[Desk, None]


@strawberry.type
class Author:
    key: int
    name: str


def authors_of(books: list["Book"], info: Info, prefix: str = "Author") -> Any:
    """Answer for all books at once."""
    info.context.calls.append(([book.key for book in books], info.path.as_list(), prefix))
    if info.context.wrong is not None:
        return info.context.wrong
    found = [
        KeyError("unknown") if book.key == 3 else Author(key=book.key * 10, name=f"{prefix} {book.key * 10}")
        for book in books
    ]
    return asyncio.sleep(0, found) if info.context.later else found


class Never(BasePermission):
    message = "Nobody may."

    def has_permission(self, source: Any, info: Any, **kwargs: Any) -> bool:
        return False


@strawberry.input
class Cut:
    start: int = 0
    words: list[str] = strawberry.field(default_factory=list)


@strawberry.type
class Book:
    key: int

    @strawberry.field(metadata=batched_by(authors_of))
    def author(self, info: Info, prefix: str = "Author") -> Author | None:
        info.context.calls.append(self.key)
        return Author(key=self.key * 10, name=f"{prefix} {self.key * 10}")

    @strawberry.field
    async def writer(self, info: Info) -> Author:
        return await info.context.authors.load(self.key)

    @strawberry.field
    async def editor(self, info: Info) -> Author:
        return await info.context.authors.load(self.key + 100)

    @strawberry.field(permission_classes=[Never], metadata=batched_by(authors_of))
    def owner(self, info: Info) -> Author | None:
        return None

    @strawberry.field
    def place(self, info: Info) -> str:
        return f"{info.path.as_list()} {info.field_name} {info.python_name}"

    @strawberry.field
    def asked(self, info: Info, cut: Cut) -> str:
        cut.words.append("more")
        selected = [one.name for one in info.selected_fields]  # pyright: ignore[reportAttributeAccessIssue]
        return f"{cut.start} {cut.words} {info.variable_values} {selected} {info.return_type.__name__}"


@strawberry.type
class Query:
    @strawberry.field
    def books(self, count: int = 3) -> list[Book]:
        return [Book(key=key + 1) for key in range(count)]


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def note(self, info: Info, word: str) -> str:
        info.context.calls.append(f"{word} began")
        await asyncio.sleep(0)
        info.context.calls.append(f"{word} ended")
        return word

    @strawberry.mutation
    async def fail(self) -> str:
        raise ValueError("It failed.")


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def published(self, info: Info, first: int = 1) -> AsyncIterator[Book]:
        for key in range(first, first + 2):
            yield Book(key=key)

    @strawberry.subscription
    async def refused(self) -> AsyncIterator[Book]:
        raise PermissionError("Not for you.")
        yield


LIBRARY = strawberry.Schema(Query, Mutation, Subscription)


def asked(text: str, compiled: bool = True) -> Operation:
    """Give the operation of a document."""
    return compile_operation(LIBRARY._schema, parse(text), compiled=compiled)
