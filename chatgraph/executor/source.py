"""Source: the Python that is written for a selection, one loop that reads leaves and makes maps."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from types import CodeType
from typing import TYPE_CHECKING, Any

from graphql import TypeNameMetaFieldDef, Undefined

from chatgraph.executor.leaves import Leaf
from chatgraph.executor.resolving import read_entry
from chatgraph.executor.writing import write_leaf

if TYPE_CHECKING:
    from chatgraph.executor.fields import Field


def build_function(
    fields: list[Field], columns: list[Field], plain: set[type], calls: bool, reads: bool = True
) -> tuple[Callable[..., list[dict[str, Any]]], list[Field]]:
    """
    Write the function that makes the maps of a layer's objects, and list the fields that it leaves null.

    What comes of *columns* is handed to it, for all objects. Leaves that are only read it reads itself, unless
    all are to be had one after another and it *reads* none; where it *calls*, those too that are a function of the
    object. A value that is of the class it should be is taken as it is;
    all others go to `write_leaf`, which knows the rest. Names and values of the schema and the document are never
    written into the source: they are handed to it.
    """
    given: dict[str, Any] = {
        "Undefined": Undefined,
        "plain": plain,
        "read_entry": read_entry,
        "write_leaf": _write_leaf,
    }
    lines, entries, steps, taken = [], [], [], ["source"]
    for number, field in enumerate(fields):
        given[f"key{number}"] = field.key
        value = f"value{number}"
        if field.definition is TypeNameMetaFieldDef:
            given[value] = field.parent_type.name
        elif field in columns:
            taken.append(value)
        elif reads and field.leaf and not field.depth and (read := _reading(field, number, given, calls)):
            given[f"field{number}"] = field
            lines += [
                f"try: {value} = {read}",
                f"except Exception as error: {value} = error",
                *_written(number, value, "len(outs)", field.leaf, given),
            ]
        else:
            value = "None"
            steps.append(field)
        entries.append(f"key{number}: {value}")
    body = "\n        ".join([*lines, f"append({{{', '.join(entries)}}})"])
    source = _MAPS.format(", ".join(taken), body)
    exec(_compile(source), given)  # noqa: S102 -- holds no name that comes from outside
    return given["build"], steps


def write_function(field: Field, leaf: Leaf) -> Callable[..., list[Any]]:
    """Write the function that gives what a field's values, whatever they are, are written as."""
    given: dict[str, Any] = {"Undefined": Undefined, "plain": field.variant.plain, "write_leaf": _write_leaf}
    given["field0"] = field
    body = "\n        ".join(_written(0, "value", "index", leaf, given))
    exec(_compile(_LEAVES.format(body)), given)  # noqa: S102 -- holds no name that comes from outside
    return given["write"]


_MAPS = """
def build(run, layer, *columns):
    outs = []
    append = outs.append
    for {}, in zip(layer.sources, *columns):
        {}
    return outs
"""
_LEAVES = """
def write(run, layer, values):
    written = []
    append = written.append
    for index, value in enumerate(values):
        {}
        append(value)
    return written
"""


def _reading(field: Field, number: int, given: dict[str, Any], calls: bool) -> str | None:
    """Write how a field's value is read of an object; None where it takes more than that."""
    resolving = field.resolving
    if resolving.entry:
        name = f"name{number}"
        given[name] = field.name
        return f"source.get({name}) if source.__class__ is dict else read_entry(source, {name})"
    if calls and resolving.function:
        given[f"function{number}"] = resolving.function
        return f"function{number}(source)"
    return f"source.{resolving.attribute}" if (resolving.attribute or "").isidentifier() else None


@lru_cache(1024)
def _compile(source: str) -> CodeType:
    return compile(source, "<selection>", "exec")


def _written(number: int, value: str, index: str, leaf: Leaf, given: dict[str, Any]) -> list[str]:
    slow = f"{value} = write_leaf(run, layer, field{number}, {index}, {value})"
    if leaf.unchanged:
        null = given[f"field{number}"].nullable[0]
        unless = f" and {value} is not None" if null else ""
        return [f"if not ({leaf.unchanged.format(value)}){unless}: {slow}"]
    if leaf.members:
        given[f"members{number}"], given[f"names{number}"] = leaf.members, leaf.names
        return [
            f"if {value}.__class__ is members{number} and {value} in names{number}: {value} = names{number}[{value}]",
            f"else: {slow}",
        ]
    given[f"coerce{number}"] = leaf.coerce
    written = f"written{number}"
    return [
        f"if {value}.__class__ in plain:",
        f"    try: {written} = coerce{number}({value})",
        f"    except Exception as error: {written} = write_leaf(run, layer, field{number}, {index}, error)",
        "    else:",
        f"        if {written} is None or {written} is Undefined: "
        f"{written} = write_leaf(run, layer, field{number}, {index}, {value})",
        f"    {value} = {written}",
        f"elif {value} is not None: {slow}" if given[f"field{number}"].nullable[0] else f"else: {slow}",
    ]


def _write_leaf(run: Any, layer: Any, field: Field, index: int, value: Any) -> Any:
    """Write a leaf that isn't of the class it should be, or note what is wrong with it."""
    if field.resolving.entry and callable(value):
        value = field.resolving.value(run, layer, field, index, value)  # pyright: ignore
    return write_leaf(run, layer, field, index, (), value)
