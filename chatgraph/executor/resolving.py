"""Resolving: how a field's values are had for all objects of a layer. What is raised becomes the value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from inspect import Parameter, iscoroutinefunction, signature
from operator import attrgetter
from types import FunctionType
from typing import TYPE_CHECKING, Any, TypeGuard

from graphql import GraphQLFieldResolver, default_field_resolver
from strawberry import Info
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

from chatgraph.executor.arguments import Arguments
from chatgraph.executor.batching import KEY
from chatgraph.executor.infos import LazyInfo

if TYPE_CHECKING:
    from chatgraph.executor.fields import Field
    from chatgraph.executor.layers import Layer
    from chatgraph.executor.running import Run


class Resolving:
    """
    A way of having a field's values.

    *attribute* is the name of the attribute that they are, if they are no more than that; *entry* is the name that
    graphql-core's default resolver looks for; *function* is a resolver that takes nothing but the object. All ways but
    the first have *arguments*.
    """

    arguments: Arguments
    attribute: str | None = None
    entry: str | None = None
    function: Callable[[Any], Any] | None = None

    def values(self, run: Run, layer: Layer, field: Field) -> Any:
        """Give a value, or the exception that was raised, for each object; or one awaitable of them all."""
        raise NotImplementedError


class Attribute(Resolving):
    """The value is an attribute of the object (a Strawberry field without a resolver)."""

    def __init__(self, name: str) -> None:
        self.attribute = name
        self.read = attrgetter(name)

    def values(self, run: Run, layer: Layer, field: Field) -> list[Any]:
        try:
            return list(map(self.read, layer.sources))
        except Exception:
            return _each(self.read, layer.sources)


class Entry(Resolving):
    """The value is an entry of a map or an attribute, called if it can be (graphql-core's default)."""

    def __init__(self, field: Field) -> None:
        self.entry = field.name
        self.arguments = Arguments(field, None)

    def values(self, run: Run, layer: Layer, field: Field) -> list[Any]:
        return [
            self.value(run, layer, field, index, read_entry(source, field.name))
            for index, source in enumerate(layer.sources)
        ]

    def value(self, run: Run, layer: Layer, field: Field, index: int, found: Any) -> Any:
        """Call what was found, if it can be called."""
        if not callable(found):
            return found
        try:
            return found(run.resolve_info(layer, field, index), **self.arguments.of(run, layer))
        except Exception as error:
            return error


class Function(Resolving):
    """The value comes of a Strawberry resolver's own function, without what Strawberry wraps around it."""

    def __init__(self, field: Field, backing: StrawberryField, resolver: StrawberryResolver[Any]) -> None:
        self.arguments = Arguments(field, backing)
        call = ["source"] if resolver.self_parameter else []
        parents = {one.name for one in (resolver.parent_parameter, resolver.root_parameter) if one}
        call += [f"{name}=source" for name in parents]
        if resolver.info_parameter:
            call.append(f"{resolver.info_parameter.name}=info(run, layer, field, index)")
        found: dict[str, Any] = {"function": resolver.wrapped_func, "info": LazyInfo.of}
        exec(_code(", ".join([*call, "**arguments"])), found)  # noqa: S102 -- names of parameters alone
        self.call: Callable[..., list[Any]] = found["call"]
        if call and not resolver.info_parameter and _takes_one(resolver.wrapped_func):
            self.function = resolver.wrapped_func

    def values(self, run: Run, layer: Layer, field: Field) -> list[Any]:
        try:
            arguments = self.arguments.of(run, layer)
        except Exception as error:
            return [error] * len(layer.sources)
        return self.call(run, layer, field, layer.sources, arguments)


class Batched(Resolving):
    """One call gives the values of all objects; *at_once*, unless it is asynchronous."""

    def __init__(self, field: Field, batch: Callable[..., Any]) -> None:
        self.arguments = Arguments(field, field.strawberry)
        self.batch = batch
        self.at_once = not iscoroutinefunction(batch)

    def values(self, run: Run, layer: Layer, field: Field) -> Any:
        try:
            info = field.info(run, layer, 0)
            return self.batch(layer.sources, info, **self.arguments.of(run, layer))
        except Exception as error:
            return [error] * len(layer.sources)


class Resolver(Resolving):
    """The value comes of a graphql-core resolver."""

    def __init__(self, field: Field, resolve: GraphQLFieldResolver) -> None:
        self.arguments = Arguments(field, None)
        self.resolve = resolve

    def values(self, run: Run, layer: Layer, field: Field) -> list[Any]:
        try:
            arguments = self.arguments.of(run, layer)
        except Exception as error:
            return [error] * len(layer.sources)
        values: list[Any] = []
        for index, source in enumerate(layer.sources):
            try:
                values.append(self.resolve(source, run.resolve_info(layer, field, index), **arguments))
            except Exception as error:
                values.append(error)
        return values


def choose(field: Field) -> Resolving:
    """Choose the quickest way that gives what graphql-core and Strawberry would."""
    definition, backing = field.definition, field.strawberry
    resolve = definition.resolve
    if backing is not None and resolve is not None and _is_strawberrys_own(field, backing, resolve):
        if batch := (backing.metadata or {}).get(KEY):
            return Batched(field, batch)
        if backing.base_resolver:
            return Function(field, backing, backing.base_resolver)
        if backing.default_resolver is getattr:
            return Attribute(backing.python_name)
    elif backing is None and (batch := (definition.extensions or {}).get(KEY)):
        return Batched(field, batch)
    if resolve is None:
        if field.variant.field_resolver is default_field_resolver:
            return Entry(field)
        resolve = field.variant.field_resolver
    return Resolver(field, resolve)


def _is_strawberrys_own(field: Field, backing: StrawberryField, resolve: GraphQLFieldResolver) -> bool:
    """Tell whether a resolver is what Strawberry makes of a field to which nothing was added."""
    name = getattr(resolve, "__qualname__", "")
    if not name.startswith("GraphQLCoreConverter.from_resolver.<locals>."):
        return False
    cells = dict(zip(resolve.__code__.co_freevars, resolve.__closure__ or (), strict=True))
    if "field" in cells and cells["field"].cell_contents is not backing:
        return False
    if "field_exception_handlers" in cells and cells["field_exception_handlers"].cell_contents:
        return False
    return (
        field.variant.converter is not None
        and field.variant.converter.config.info_class is Info
        and not backing.extensions
        and not backing.is_subscription
        and type(backing).get_result is StrawberryField.get_result
    )


def read_entry(source: Any, name: str) -> Any:
    """Read an entry or an attribute; the value is None if there is none, and what was raised if something was."""
    try:
        return source.get(name) if isinstance(source, Mapping) else getattr(source, name, None)
    except Exception as error:
        return error


def _takes_one(function: Any) -> TypeGuard[Callable[[Any], Any]]:
    """Tell whether a function takes one value, wherever it is called, and gives what it gives at once."""
    if not isinstance(function, FunctionType) or iscoroutinefunction(function):
        return False
    return [one.kind for one in signature(function).parameters.values()] == [Parameter.POSITIONAL_OR_KEYWORD]


def _each(read: Callable[[Any], Any], sources: Iterable[Any]) -> list[Any]:
    values: list[Any] = []
    for source in sources:
        try:
            values.append(read(source))
        except Exception as error:
            values.append(error)
    return values


def _code(arguments: str) -> str:
    return f"""
def call(run, layer, field, sources, arguments):
    values = []
    for index, source in enumerate(sources):
        try:
            values.append(function({arguments}))
        except Exception as error:
            values.append(error)
    return values
"""
