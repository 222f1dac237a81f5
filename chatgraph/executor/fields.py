"""Fields: a field of a selection as it is executed, with all that is known of it beforehand."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from graphql.execution.collect_fields import FieldDetailsList
from graphql.pyutils import Path
from strawberry.types.field import StrawberryField

from chatgraph.executor.infos import LazyInfo
from chatgraph.executor.items import KeepingItems, find_keeping_items
from chatgraph.executor.keeping import Keeping, find_keeping
from chatgraph.executor.layers import Indices, Layer, Segment
from chatgraph.executor.leaves import Leaf
from chatgraph.executor.resolving import Resolving, choose
from chatgraph.executor.runtimes import Runtimes
from chatgraph.executor.source import write_function

if TYPE_CHECKING:
    from chatgraph.executor.running import Run
    from chatgraph.executor.selections import Selection, Variant


class Field:
    """
    A field of a selection: *key* in the response, at *position* among its siblings.

    Its type is *named* within *depth* lists; *nullable* says for the field, its items, their items, … whether they
    may be null.
    """

    def __init__(
        self,
        variant: Variant,
        parent_type: GraphQLObjectType,
        key: str,
        position: int,
        details: FieldDetailsList,
        definition: GraphQLField,
    ) -> None:
        self.variant = variant
        self.parent_type = parent_type
        self.key = key
        self.position = position
        self.details = details
        self.nodes = [one.node for one in details]
        self.definition = definition
        self.name = self.nodes[0].name.value
        backing = definition.extensions.get("strawberry-definition") if definition.extensions else None
        self.strawberry: StrawberryField | None = backing if isinstance(backing, StrawberryField) else None

        named: Any = definition.type
        nullable = []
        while True:
            nullable.append(not is_non_null_type(named))
            if is_non_null_type(named):
                named = named.of_type
            if not is_list_type(named):
                break
            named = named.of_type
        self.nullable = tuple(nullable)
        self.depth = len(nullable) - 1
        self.named = named
        self.leaf = Leaf(named) if is_leaf_type(named) else None
        self._selections: dict[str, Selection] = {}
        self.resolving: Resolving = choose(self)
        self.runtimes = Runtimes(self)

    @cached_property
    def write(self) -> Callable[..., list[Any]]:
        """What gives what its values, whatever they are, are written as; only where they are leaves."""
        return write_function(self, cast("Leaf", self.leaf))

    @cached_property
    def keeping(self) -> Keeping | None:
        """Who keeps what it comes to."""
        return find_keeping(self)

    @cached_property
    def keeping_items(self) -> KeepingItems | None:
        """Who keeps what the items of its list come to."""
        return find_keeping_items(self)

    def info(self, run: Run, layer: Layer, index: int) -> Any:
        """Make what a resolver of its kind is told of the execution."""
        made = LazyInfo.of if self.strawberry else run.resolve_info_of
        return made(run, layer, self, index)

    def selection(self, runtime_type: GraphQLObjectType) -> Selection:
        """Give what is selected of an object of a type, compiled when it is first met."""
        selection = self._selections.get(runtime_type.name)
        if selection is None:
            selection = self._selections[runtime_type.name] = self.variant.select(runtime_type, self.details)
        return selection

    def segments(self, indices: Indices) -> list[Segment]:
        """Give the steps of a path through this field and its lists."""
        return [
            Segment(self.key, self.nullable[0], self.position),
            *(
                Segment(index, nullable, index)
                for index, nullable in zip(indices, self.nullable[1:], strict=False)
            ),
        ]

    def path(self, layer: Layer, index: int) -> Path:
        """Give the response path of this field of an object."""
        return Path(layer.path(index), self.key, self.parent_type.name)
