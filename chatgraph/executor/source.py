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


def build_function(fields: list[Field], plain: set[type]) -> tuple[Callable[..., Any], list[Field]]:
    """
    Write the function that makes the maps of a layer's objects, and list the fields that it leaves null.

    A value that is of the class it should be is taken as it is; all others go to `write_leaf`, which knows the rest.
    Names and values of the schema and the document are never written into the source: they are handed to it.
    """
    given: dict[str, Any] = {
        "Undefined": Undefined,
        "plain": plain,
        "read_entry": read_entry,
        "write_leaf": _write_leaf,
    }
    lines, entries, steps = [], [], []
    for number, field in enumerate(fields):
        given[f"key{number}"] = field.key
        value = f"value{number}"
        if field.definition is TypeNameMetaFieldDef:
            given[value] = field.parent_type.name
            entries.append(f"key{number}: {value}")
            continue
        resolving, leaf = field.resolving, field.leaf
        readable = (resolving.attribute or "").isidentifier() or resolving.entry
        if field.depth or leaf is None or not readable:
            entries.append(f"key{number}: None")
            steps.append(field)
            continue
        given[f"field{number}"] = field
        if resolving.attribute:
            read = f"source.{resolving.attribute}"
        else:
            given[f"name{number}"] = field.name
            read = (
                f"source.get(name{number}) if source.__class__ is dict else read_entry(source, name{number})"
            )
        lines += [
            f"try: {value} = {read}",
            f"except Exception as error: {value} = error",
            *_written(number, value, "len(outs)", leaf, given),
        ]
        entries.append(f"key{number}: {value}")
    body = "\n        ".join([*lines, f"append({{{', '.join(entries)}}})"])
    exec(_compile(_TEMPLATE.format(body)), given)  # noqa: S102 -- holds no name that comes from outside
    return given["build"], steps


def write_column(field: Field, leaf: Leaf) -> Callable[..., None]:
    """Write the function that writes a field's values, which were resolved, into the maps of a layer's objects."""
    given: dict[str, Any] = {"Undefined": Undefined, "plain": field.variant.plain, "write_leaf": _write_leaf}
    given |= {"key": field.key, "field0": field}
    body = "\n        ".join(_written(0, "value", "index", leaf, given))
    exec(_compile(_COLUMN.format(body)), given)  # noqa: S102 -- holds no name that comes from outside
    return given["write"]


_COLUMN = """
def write(run, layer, values):
    for index, (out, value) in enumerate(zip(layer.outs, values, strict=True)):
        {}
        out[key] = value
"""
_TEMPLATE = """
def build(run, layer, sources):
    outs = []
    append = outs.append
    for source in sources:
        {}
    return outs
"""


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
