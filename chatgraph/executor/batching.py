"""Batched fields: a resolver that answers for all objects of one level of the response in one call."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

Batch = Callable[..., Sequence[Any] | Awaitable[Sequence[Any]]]

KEY = "chatgraph.executor.batch"


def batched_by(batch: Batch) -> dict[str, Batch]:
    """
    Name the function that resolves a field for many objects at once, beside the field's ordinary resolver.

    *batch* is called once for each level of the response, as `batch(parents, info, **arguments)`: *parents* are the
    objects, *info* is what the ordinary resolver would get for the first of them. It gives, or gives an awaitable
    of, one value for each parent, in their order; an exception among the values is that object's error.

    It goes into a Strawberry field's `metadata`, or a graphql-core field's `extensions`:

        def authors_of(books: list["Book"], info: strawberry.Info) -> list[Author]:
            return info.context.authors.of_all([book.author_id for book in books])

        @strawberry.type
        class Book:
            author_id: strawberry.Private[int]

            @strawberry.field(metadata=batched_by(authors_of))
            def author(self, info: strawberry.Info) -> Author:
                return info.context.authors.of(self.author_id)

    Both must give the same: whoever executes without this package gets the ordinary resolver's values, as does a
    field with extensions or permission classes, which are asked for each object.
    """
    return {KEY: batch}
