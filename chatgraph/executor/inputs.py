"""Inputs: Strawberry's input objects, built in one step where all that they hold are plain values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING
from typing import TYPE_CHECKING, Any

from strawberry.relay import GlobalID
from strawberry.scalars import is_scalar
from strawberry.types.base import StrawberryOptional, has_object_definition

if TYPE_CHECKING:
    from strawberry.schema.schema_converter import GraphQLCoreConverter

Make = Callable[[Any], Any]


def is_plain(type_: Any, converter: GraphQLCoreConverter) -> bool:
    """Tell whether coerced values of a type are handed on as they are: scalars, and null where it is one of them."""
    known = _within(type_)
    return is_scalar(known, converter.scalar_registry) and known is not GlobalID


def find_maker(type_: Any, converter: GraphQLCoreConverter) -> Make | None:
    """Give what makes an input object of its coerced fields; None where Strawberry has to look at them."""
    known = _within(type_)
    if not has_object_definition(known):
        return None
    definition = known.__strawberry_definition__
    types = [field.resolve_type(type_definition=definition) for field in definition.fields]
    if (
        not definition.is_input
        or definition.from_input is not None
        or not all(is_plain(one, converter) for one in types)
    ):
        return None
    names = [
        (converter.config.name_converter.from_field(field), field.python_name) for field in definition.fields
    ]
    # What may be left out and has no default of its own is None.
    blank = {
        field.python_name: None
        for field in definition.fields
        if field.default_value is MISSING and field.default_factory is MISSING
    }

    def make(value: Mapping[str, Any] | None) -> Any:
        if value is None:
            return None
        given = {out: value[name] for name, out in names if name in value}
        return known(**{**blank, **given})

    return make


def _within(type_: Any) -> Any:
    return type_.of_type if type(type_) is StrawberryOptional else type_
