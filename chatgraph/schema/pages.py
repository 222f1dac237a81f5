"""Keyset connections (Relay's Cursor Connections): how a list is asked for, and how a page of it is shown."""

from collections.abc import Sequence
from functools import partial
from operator import attrgetter
from typing import Annotated, Any, Generic, NamedTuple, TypeVar

import strawberry

from chatgraph.errors import Invalid
from chatgraph.executor import items_kept_by
from chatgraph.models import Page, Window
from chatgraph.schema.ids import global_id, global_ids, read_cursor
from chatgraph.schema.kept import KeptItems

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


def _kept_edges(cut: "Cut", info: Any) -> KeptItems | None:
    return KeptItems(cut.notes, cut.edges_at) if cut.notes and info.context.written else None


def _kept_nodes(cut: "Cut", info: Any) -> KeptItems | None:
    return KeptItems(cut.notes, cut.nodes_at) if cut.notes and info.context.written else None


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    edges: list[Edge[T]] = strawberry.field(
        description="The items of this page with their cursors.", metadata=items_kept_by(_kept_edges)
    )
    nodes: list[T] = strawberry.field(
        description="The items of this page.", metadata=items_kept_by(_kept_nodes)
    )
    page_info: PageInfo = strawberry.field(description="Where this page stands in the list.")


class Placed(NamedTuple):
    """What an `Edge` shows."""

    cursor: str
    node: Any


# As `Placed._make`, without a look at how many fields there are.
_PLACED = partial(tuple.__new__, Placed)


class Cut:
    """What a `Connection` shows: a page that was cut out of the list *scope*, where an item stands at its *key*."""

    def __init__(self, page: Page[Any], scope: str, key: str) -> None:
        self.nodes, self.notes = page.items, page.notes
        self._page, self._scope, self._read = page, scope, attrgetter(key)

    @property
    def edges(self) -> list[Placed]:
        """The items with their cursors."""
        return self._placed(self.nodes)

    def nodes_at(self, places: Sequence[int]) -> list[Any]:
        """Give the items at some places."""
        return [self.nodes[place] for place in places]

    def edges_at(self, places: Sequence[int]) -> list[Placed]:
        """Give the items at some places with their cursors."""
        return self._placed(self.nodes_at(places))

    @property
    def page_info(self) -> PageInfo:
        """Where the page stands in its list."""
        return PageInfo(
            has_previous_page=self._page.has_previous,
            has_next_page=self._page.has_next,
            start_cursor=self._cursor(self.nodes[0]) if self.nodes else None,
            end_cursor=self._cursor(self.nodes[-1]) if self.nodes else None,
        )

    def _placed(self, nodes: list[Any]) -> list[Placed]:
        cursors = global_ids(self._scope, map(self._read, nodes))
        return list(map(_PLACED, zip(cursors, nodes, strict=True)))

    def _cursor(self, item: Any) -> str:
        return global_id(self._scope, self._read(item))


def show_page(page: Page[Any], scope: str, key: str = "id") -> Any:
    """Give a *page* of the list *scope* where the `Connection` that shows it is wanted."""
    return Cut(page, scope, key)
