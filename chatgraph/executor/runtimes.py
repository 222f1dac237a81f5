"""Runtime types: of which type an object is, and so what is selected of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import GraphQLObjectType
from graphql.execution.executor import invalid_return_type_error
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.cast import TYPE_CAST_ATTRIBUTE

if TYPE_CHECKING:
    from chatgraph.executor.fields import Field
    from chatgraph.executor.layers import Layer
    from chatgraph.executor.running import Run
    from chatgraph.executor.selections import Selection

STRAWBERRYS = (
    "GraphQLCoreConverter.from_object.<locals>._get_is_type_of.<locals>.is_type_of",
    "GraphQLCoreConverter.from_interface.<locals>._get_resolve_type.<locals>.resolve_type",
    "StrawberryUnion.get_type_resolver.<locals>._resolve_union_type",
)


class OfClass:
    """Tells whether an object is of one class."""

    def __init__(self, kind: type) -> None:
        self.kind = kind

    def __call__(self, value: Any, _info: Any) -> bool:
        return type(value) is self.kind


def of_class(kind: type) -> Any:
    """
    Make the `is_type_of` of a Strawberry type that shows the objects of a class which knows nothing of GraphQL.

    Whoever decides by it in another way may do so for each object; here it is decided once for a class.

        @strawberry.type
        class Book:
            is_type_of = of_class(kept.Book)

            title: str
    """
    return OfClass(kind)


class Runtimes:
    """
    The types of a field's objects.

    Where a class alone decides the type, because Strawberry's own functions do, the answer is remembered.
    """

    def __init__(self, field: Field) -> None:
        self.field = field
        self.known: dict[type, Selection] = {}
        named = field.named
        self.concrete = isinstance(named, GraphQLObjectType)
        self.unchecked = self.concrete and named.is_type_of is None
        decides = named.is_type_of if self.concrete else getattr(named, "resolve_type", None)
        self.by_class = _is_strawberrys(decides)

    def same_for_all(self, values: list[Any], kinds: set[type]) -> Selection | None:
        """Give what is selected of all objects, if their classes, *kinds*, say that it is the same."""
        field = self.field
        if self.unchecked:
            return field.selection(field.named)
        same: Selection | None = None
        for kind in kinds:
            selection = self.known.get(kind)
            if selection is None or selection is not (same or selection):
                return None
            # Only what has a `__dict__` can have been cast to another type.
            if kind.__dictoffset__ and any(hasattr(value, TYPE_CAST_ATTRIBUTE) for value in values):
                return None
            same = selection
        return same

    def find(self, run: Run, layer: Layer, index: int, value: Any) -> Any:
        """Give what is selected of an object, or an awaitable of it. Raises if it isn't of the field's type."""
        field, kind = self.field, type(value)
        if self.unchecked:
            return field.selection(field.named)
        if kind in self.known and not hasattr(value, TYPE_CAST_ATTRIBUTE):
            return self.known[kind]
        info = run.resolve_info(layer, field, index)
        if self.concrete:
            return self._checked(run, info, field.named, value)
        resolve = field.named.resolve_type or field.variant.type_resolver
        name = resolve(value, info, field.named)
        if run.is_awaitable(name):
            return self._find_later(run, info, name, value)
        return self._named(run, info, name, value)

    async def _find_later(self, run: Run, info: Any, name: Any, value: Any) -> Selection:
        selection = self._named(run, info, await name, value)
        return await selection if run.is_awaitable(selection) else selection

    def _named(self, run: Run, info: Any, name: Any, value: Any) -> Any:
        field = self.field
        type_ = run.executor.ensure_valid_runtime_type(name, field.named, field.details, info, value)
        return self._checked(run, info, type_, value)

    def _checked(self, run: Run, info: Any, type_: GraphQLObjectType, value: Any) -> Any:
        selection = self.field.selection(type_)
        if type_.is_type_of is None:
            is_so: Any = True
        else:
            is_so = type_.is_type_of(value, info)
            if run.is_awaitable(is_so):
                return self._checked_later(is_so, selection, value)
        self._insist(is_so, type_, value)
        if (
            self.by_class
            and _decides(type_.is_type_of, type(value))
            and not hasattr(value, TYPE_CAST_ATTRIBUTE)
        ):
            self.known[type(value)] = selection
        return selection

    async def _checked_later(self, is_so: Any, selection: Selection, value: Any) -> Selection:
        self._insist(await is_so, selection.type, value)
        return selection

    def _insist(self, is_so: Any, type_: GraphQLObjectType, value: Any) -> None:
        if not is_so:
            raise invalid_return_type_error(type_, value, self.field.details)


def _is_strawberrys(function: Any) -> bool:
    return isinstance(function, OfClass) or getattr(function, "__qualname__", "") in STRAWBERRYS


def _decides(is_type_of: Any, kind: type) -> bool:
    """Tell whether all objects of a class, one of which is of a type, are of that type."""
    if isinstance(is_type_of, OfClass):
        return True
    definition = kind.__dict__.get("__strawberry_definition__")
    return (
        (is_type_of is None or _is_strawberrys(is_type_of))
        and isinstance(definition, StrawberryObjectDefinition)
        and not definition.is_graphql_generic
        and definition.concrete_of is None
    )
