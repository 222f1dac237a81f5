"""Keyset connections (Relay's Cursor Connections): how a list is asked for, and how a page of it is dressed."""

from collections.abc import Callable
from typing import Annotated, Any, Generic, TypeVar

import strawberry

from chatgraph.errors import Invalid
from chatgraph.models import Page, Window
from chatgraph.schema.ids import cursor, read_cursor

DEFAULT_SIZE = 50
LARGEST_SIZE = 100

T = TypeVar("T")

First = Annotated[
    int | None, strawberry.argument(description="The first so many items, 1 to 100; 50 if nothing is said.")
]
After = Annotated[str | None, strawberry.argument(description="Only items that follow this cursor.")]
Last = Annotated[
    int | None,
    strawberry.argument(description="The last so many items, 1 to 100, still in the list's order."),
]
Before = Annotated[str | None, strawberry.argument(description="Only items that precede this cursor.")]


def read_window(
    scope: str, first: int | None, after: str | None, last: int | None, before: str | None
) -> Window:
    """Read the arguments of a connection whose cursors belong to the list *scope*. Raises `Invalid`."""
    if first is not None and last is not None:
        raise Invalid("Send `first` or `last`, not both.", "last")
    for field, size in (("first", first), ("last", last)):
        if size is not None and not 1 <= size <= LARGEST_SIZE:
            raise Invalid(f"`{field}` must be 1 to {LARGEST_SIZE}; this is {size}.", field)
    return Window(
        size=first or last or DEFAULT_SIZE,
        after=None if after is None else read_cursor(after, scope, "after"),
        before=None if before is None else read_cursor(before, scope, "before"),
        backwards=last is not None,
    )


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    has_previous_page: bool = strawberry.field(description="Whether the list goes on before this page.")
    has_next_page: bool = strawberry.field(description="Whether the list goes on after this page.")
    start_cursor: str | None = strawberry.field(
        description="The cursor of the first item; null on an empty page."
    )
    end_cursor: str | None = strawberry.field(
        description="The cursor of the last item; null on an empty page."
    )


@strawberry.type(description="An item of a list, and where it stands.")
class Edge(Generic[T]):
    cursor: str = strawberry.field(description="The item's place in the list, for `after` and `before`.")
    node: T = strawberry.field(description="The item.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    edges: list[Edge[T]] = strawberry.field(description="The items of this page with their cursors.")
    nodes: list[T] = strawberry.field(description="The items of this page.")
    page_info: PageInfo = strawberry.field(description="Where this page stands in the list.")


def dress_page(page: Page, scope: str, dress: Callable[[Any], T], key: str = "id") -> Connection[T]:
    """Make the connection of a *page* of the list *scope*, in which an item stands at its attribute *key*."""
    dressed = [dress(item) for item in page.items]
    cursors = [cursor(scope, getattr(item, key)) for item in page.items]
    return Connection(
        edges=[Edge(cursor=place, node=node) for place, node in zip(cursors, dressed, strict=True)],
        nodes=dressed,
        page_info=PageInfo(
            has_previous_page=page.has_previous,
            has_next_page=page.has_next,
            start_cursor=cursors[0] if cursors else None,
            end_cursor=cursors[-1] if cursors else None,
        ),
    )
