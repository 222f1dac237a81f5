"""Columns: the values of one field for all objects of a layer, and what they become if nothing is amiss."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from types import NoneType
from typing import TYPE_CHECKING, Any

from chatgraph.executor.layers import Layer
from chatgraph.executor.resolving import Attribute, Batched
from chatgraph.executor.sharing import make_shared
from chatgraph.executor.writing import are_plain

if TYPE_CHECKING:
    from chatgraph.executor.fields import Field
    from chatgraph.executor.leaves import Leaf
    from chatgraph.executor.running import Run

SEQUENCES = {list, tuple}


def comes_as_column(field: Field) -> bool:
    """Tell whether a field may be had for all objects before there are maps, so that they are made with it."""
    if isinstance(field.resolving, Batched):
        return field.resolving.at_once and field.leaf is not None and field.keeping is None
    if not isinstance(field.resolving, Attribute):
        return False
    if field.leaf is None:
        return field.depth <= 1
    return field.depth == 0 and field.leaf.together is not None


def make_column(
    run: Run, layer: Layer, field: Field, values: list[Any], kinds: set[type]
) -> list[Any] | None:
    """Give what values of certain classes become; None if these don't show that all go the same way."""
    if field.depth == 0:
        if field.leaf is not None:
            return _write_leaves(run, layer, field, field.leaf, values, kinds)
        return _make_objects(run, layer, field, values, kinds) if are_plain(run, kinds) else None
    if field.depth > 1 or not kinds <= SEQUENCES:
        return None
    items = list(chain.from_iterable(values))
    kinds = set(map(type, items))
    if field.leaf is not None:
        return list(map(list, values)) if kinds <= field.leaf.kept else None
    lengths = [len(one) for one in values]
    made = _make_objects(run, layer, field, items, kinds, lengths) if are_plain(run, kinds) else None
    return None if made is None else list(_cut(made, lengths))


def _write_leaves(
    run: Run, layer: Layer, field: Field, leaf: Leaf, values: list[Any], kinds: set[type]
) -> list[Any] | None:
    if kinds <= leaf.kept:
        return values
    if not are_plain(run, kinds - {NoneType}):
        return None
    if leaf.together is not None and NoneType not in kinds:
        # Where it raises, each by itself tells of which it did.
        with suppress(Exception):
            written = leaf.together(values)
            if len(written) == len(values):
                return written
    return field.write(run, layer, values)


def _make_objects(
    run: Run,
    layer: Layer,
    field: Field,
    values: list[Any],
    kinds: set[type],
    lengths: list[int] | None = None,
) -> list[dict[str, Any]] | None:
    """Execute objects as one layer, if the same is selected of all."""
    if not values:
        return []
    selection = field.runtimes.same_for_all(values, kinds)
    if selection is None:
        return None
    if selection.shareable and lengths is None and len(values) > 1:
        return make_shared(run, layer, field, values, selection)
    child = Layer(selection, values, layer, field, lengths)
    run.execute_layer(child)
    return child.outs


def _cut(items: list[Any], lengths: list[int]) -> Iterator[list[Any]]:
    start = 0
    for length in lengths:
        yield items[start : start + length]
        start += length
