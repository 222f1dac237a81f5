"""Leaves: how values of scalars and enums are written, and how to see at once that one may stay as it is."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any, TypeVar, cast

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLString,
    Undefined,
)
from graphql.pyutils import inspect
from strawberry.schema.schema_converter import CustomGraphQLEnumType

# What a value of the specified scalars passes if writing it changes nothing. `{0}` is the value.
UNCHANGED = {
    GraphQLString.coerce_output_value: "{0}.__class__ is str",
    GraphQLID.coerce_output_value: "{0}.__class__ is str",
    GraphQLBoolean.coerce_output_value: "{0}.__class__ is bool",
    GraphQLInt.coerce_output_value: "{0}.__class__ is int and -2147483648 <= {0} <= 2147483647",
    GraphQLFloat.coerce_output_value: "{0}.__class__ is float and {0} - {0} == 0",
    str: "{0}.__class__ is str",
    int: "{0}.__class__ is int",
}
KEPT: dict[str | None, set[type]] = {"{0}.__class__ is str": {str}, "{0}.__class__ is bool": {bool}}
TOGETHER = "chatgraph_executor_together"
WriteAll = Callable[[list[Any]], list[Any]]
Write = TypeVar("Write", bound=Callable[..., Any])


def written_together(write_all: WriteAll) -> Callable[[Write], Write]:
    """
    Name the function that writes many values of a scalar at once, beside the one that writes each.

    It is asked for plain objects alone, none of them null. Both must give the same. If one raises for a value, both do.

        @written_together(lambda times: dump(times).split(","))
        def write_time(time: datetime) -> str: ...
    """

    def named(write: Write) -> Write:
        setattr(write, TOGETHER, write_all)
        return write

    return named


class Leaf:
    """
    A scalar or enum as a field's type.

    *unchanged* is the Python condition under which a value is written as it is; *names* holds the members of a
    Strawberry enum with their names, of the class *members*. A list of which all items are of the classes *kept* is
    written as it is. *together* writes a list of values, as `coerce` writes each.
    """

    __slots__ = ("coerce", "kept", "members", "names", "together", "type", "unchanged")

    def __init__(self, type_: GraphQLLeafType) -> None:
        self.type = type_
        self.coerce: Callable[[Any], Any] = type_.coerce_output_value
        self.together: WriteAll | None = getattr(self.coerce, TOGETHER, None)
        self.unchanged: str | None = None
        self.members: type[Enum] | None = None
        self.names: dict[Enum, str] = {}
        if isinstance(type_, CustomGraphQLEnumType):
            members = cast("type[Enum]", type_.wrapped_cls)
            if members.__hash__ is not None:
                self.members = members
                self.names = {member: type_.coerce_output_value(member) for member in members}
        elif not isinstance(type_, GraphQLEnumType):
            self.unchanged = UNCHANGED.get(self.coerce)
        self.kept = KEPT.get(self.unchanged, set())

    def write(self, value: Any) -> Any:
        """Write a value that is not null. Raises whatever the type raises, and `TypeError` where it gives null."""
        written = self.coerce(value)
        if written is None or written is Undefined:
            raise TypeError(
                f"Expected `{inspect(self.type)}.coerce_output_value({inspect(value)})`"
                f" to return non-nullable value, returned: {inspect(written)}"
            )
        return written
