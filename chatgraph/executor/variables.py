"""Variables: coerced in one step where they are plain values, and as graphql-core does it where they are not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from graphql import (
    GraphQLBoolean,
    GraphQLError,
    GraphQLFloat,
    GraphQLID,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLNonNull,
    GraphQLSchema,
    GraphQLString,
    Undefined,
    VariableDefinitionNode,
    get_variable_values,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource

MOST_ERRORS = 50
# What can't be changed by whoever gets it.
SHAREABLE = (str, int, float, bool, type(None))
UNUSUAL = object()

Coerce = Callable[[Any], Any]
# A variable's name, what it is where it is absent (`Undefined`: absent too, `UNUSUAL`: that is for graphql-core), and
# how it is coerced.
Known = tuple[str, Any, Coerce]

# Which values of the specified scalars stay as they are.
STAYS: dict[Any, Callable[[Any], bool]] = {
    GraphQLString: lambda value: value.__class__ is str,
    GraphQLID: lambda value: value.__class__ is str,
    GraphQLBoolean: lambda value: value.__class__ is bool,
    GraphQLInt: lambda value: value.__class__ is int and -(2**31) <= value < 2**31,
    GraphQLFloat: lambda value: value.__class__ is float and value - value == 0,
}


class Sources(Mapping[str, VariableValueSource]):
    """Where the values of variables come from, which is hardly ever asked."""

    def __init__(self, signatures: dict[str, GraphQLVariableSignature], given: Mapping[str, Any]) -> None:
        self._signatures, self._given = signatures, given

    def __getitem__(self, name: str) -> VariableValueSource:
        return VariableValueSource(self._signatures[name], self._given.get(name, Undefined))

    def __iter__(self) -> Iterator[str]:
        return iter(self._signatures)

    def __len__(self) -> int:
        return len(self._signatures)


def is_shareable(values: VariableValues) -> bool:
    """Tell whether several executions may have the values in common, whatever their resolvers do."""
    return all(value.__class__ in SHAREABLE for value in values.coerced.values())


class Variables:
    """The variables that an operation defines."""

    def __init__(
        self,
        schema: GraphQLSchema,
        definitions: tuple[VariableDefinitionNode, ...],
        hide_suggestions: bool = False,
    ) -> None:
        self._hide_suggestions = hide_suggestions
        self._schema = schema
        self._definitions = definitions
        self._signatures: dict[str, GraphQLVariableSignature] = {}
        self._known: list[Known] | None = []
        for definition in definitions:
            signature = get_variable_signature(schema, definition)
            coerce = None if isinstance(signature, GraphQLError) else _coercer(signature.type)
            if coerce is None or isinstance(signature, GraphQLError):
                self._known = None
                return
            name, absent = signature.name, Undefined
            if definition.default_value:
                values = get_variable_values(schema, (definition,), {})
                absent = values.coerced.get(name, UNUSUAL) if isinstance(values, VariableValues) else UNUSUAL
                if absent.__class__ not in SHAREABLE:
                    absent = UNUSUAL
            elif isinstance(signature.type, GraphQLNonNull):
                absent = UNUSUAL
            self._signatures[name] = signature
            self._known.append((name, absent, coerce))

    def coerce(self, given: Mapping[str, Any] | None) -> VariableValues | list[GraphQLError]:
        """Give the values, or the errors for which there are none."""
        return self._coerce_plain(given or {}) or get_variable_values(
            self._schema,
            self._definitions,
            dict(given or {}),
            max_errors=MOST_ERRORS,
            hide_suggestions=self._hide_suggestions,
        )

    def _coerce_plain(self, given: Mapping[str, Any]) -> VariableValues | None:
        if self._known is None:
            return None
        coerced: dict[str, Any] = {}
        for name, absent, coerce in self._known:
            value = given.get(name, Undefined)
            value = absent if value is Undefined else coerce(value)
            if value is UNUSUAL:
                return None
            if value is not Undefined:
                coerced[name] = value
        return VariableValues(cast("Any", Sources(self._signatures, given)), coerced)


def _coercer(type_: Any, depth: int = 3) -> Coerce | None:
    """Make what coerces the plain values of a type and gives `UNUSUAL` for all others; None where none are plain."""
    nullable = not isinstance(type_, GraphQLNonNull)
    named = type_ if nullable else type_.of_type
    if isinstance(named, GraphQLInputObjectType):
        coerce = _input_coercer(named, depth)
    elif stays := STAYS.get(named):
        coerce = lambda value: value if stays(value) else UNUSUAL  # noqa: E731 -- one of three forms of it
    else:
        return None
    if coerce is None or not nullable:
        return coerce
    return lambda value: None if value is None else coerce(value)


def _input_coercer(type_: GraphQLInputObjectType, depth: int) -> Coerce | None:
    if not depth or type_.is_one_of or type_.out_type is not GraphQLInputObjectType.out_type:
        return None
    fields: dict[str, tuple[str, Coerce]] = {}
    required: set[str] = set()
    for name, field in type_.fields.items():
        coerce = _coercer(field.type, depth - 1)
        if coerce is None or field.default is not None or field.default_value is not Undefined:
            return None
        fields[name] = field.out_name or name, coerce
        if isinstance(field.type, GraphQLNonNull):
            required.add(name)

    def coerce_input(value: Any) -> Any:
        if value.__class__ is not dict or not required <= value.keys() <= fields.keys():
            return UNUSUAL
        coerced = {out: coerce(value[name]) for name, (out, coerce) in fields.items() if name in value}
        return UNUSUAL if UNUSUAL in coerced.values() else coerced

    return coerce_input
