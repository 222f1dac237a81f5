"""Layers: the objects of one type at one level of the response, which are executed together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from graphql.pyutils import Path

if TYPE_CHECKING:
    from chatgraph.executor.fields import Field
    from chatgraph.executor.selections import Selection

Indices = tuple[int, ...]


class Segment(NamedTuple):
    """A step of a response path, whether null may stand there, and its place among its siblings."""

    key: str | int
    nullable: bool
    order: int


class Spot(NamedTuple):
    """Where a value will stand: in the map or list *holder* at *key*; of the object *owner*, at *indices*."""

    holder: Any
    key: str | int
    owner: int
    indices: Indices


class Layer:
    """
    Objects that are executed together: *sources*, and the maps that become of them, *outs*.

    Where an object stands is worked out only when somebody asks. Each object belongs to one of the *parent* layer:
    to the one at its own index, or *lengths* says how many stand in each parent's list, or *places* holds for each
    the parent's index with the indices in the field's lists.
    """

    __slots__ = ("field", "lengths", "outs", "parent", "places", "selection", "sources")

    def __init__(
        self,
        selection: Selection,
        sources: list[Any],
        parent: Layer | None = None,
        field: Field | None = None,
        lengths: Sequence[int] | None = None,
        places: Sequence[tuple[int, Indices]] | None = None,
    ) -> None:
        self.selection = selection
        self.sources = sources
        self.parent = parent
        self.field = field
        self.lengths = lengths
        self.places = places
        self.outs: list[dict[str, Any]] = []

    def spots(self, field: Field) -> list[Spot]:
        """Give where a field of each object stands."""
        return [Spot(out, field.key, owner, ()) for owner, out in enumerate(self.outs)]

    def place(self, index: int) -> tuple[int, Indices]:
        """Give the index of an object's parent, and the indices in the lists between them."""
        if self.places is not None:
            return self.places[index]
        if self.lengths is None:
            return index, ()
        for owner, length in enumerate(self.lengths):
            if index < length:
                return owner, (index,)
            index -= length
        raise IndexError(index)

    def segments(self, index: int) -> list[Segment]:
        """Give the way from the root to an object."""
        if self.parent is None or self.field is None:
            return []
        owner, indices = self.place(index)
        return self.parent.segments(owner) + self.field.segments(indices)

    def path(self, index: int) -> Path | None:
        """Give the response path of an object, as graphql-core writes it; None at the root."""
        if self.parent is None or self.field is None:
            return None
        owner, indices = self.place(index)
        path = self.field.path(self.parent, owner)
        for one in indices:
            path = path.add_key(one)
        return path
