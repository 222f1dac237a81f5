"""Writing: which values are just values, and how a single one becomes a leaf of the response."""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING, Any

from graphql import Undefined

from chatgraph.executor.layers import Indices, Layer

if TYPE_CHECKING:
    from chatgraph.executor.fields import Field
    from chatgraph.executor.running import Run


class Abandoned:
    """What is given in place of what nobody waits for any more, since null has taken its place."""


ABANDONED = Abandoned()
MAGIC = {"__await__", "__aiter__", "__call__", "__getattr__", "gi_code"}


def are_plain(run: Run, kinds: set[type]) -> bool:
    """Tell whether objects of all classes are just objects: not null, no exception, nothing to await or to call."""
    plain = run.variant.plain
    if kinds <= plain:
        return True
    for kind in kinds - plain:
        if (
            kind is NoneType
            or kind is Abandoned
            or kind is type(Undefined)
            or issubclass(kind, Exception)
            or not MAGIC.isdisjoint(name for base in kind.__mro__ for name in vars(base))
        ):
            return False
        plain.add(kind)
    return True


def write_leaf(
    run: Run, layer: Layer, field: Field, index: int, indices: Indices, value: Any, awaited: bool = False
) -> Any:
    """Write a scalar or enum, or note why it can't be written; one that is awaited is null until then."""
    if value is ABANDONED:
        return None
    if isinstance(value, Exception):
        run.fail(layer, field, index, indices, value)
    elif value is None or value is Undefined:
        if not field.nullable[len(indices)]:
            run.fail(layer, field, index, indices, null_error(field))
    elif not awaited and run.is_awaitable(value):

        def resume(given: list[Any]) -> None:
            layer.outs[index][field.key] = write_leaf(
                run, layer, field, index, indices, given[0], awaited=True
            )

        run.wait([value], [[(layer, index)]], resume)
    else:
        are_plain(run, {type(value)})
        try:
            return field.leaf.write(value) if field.leaf else None
        except Exception as error:
            run.fail(layer, field, index, indices, error)
    return None


def null_error(field: Field) -> TypeError:
    """Make the error of a null where none may stand."""
    return TypeError(f"Cannot return null for non-nullable field {field.parent_type}.{field.name}.")
