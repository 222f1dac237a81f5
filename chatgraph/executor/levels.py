"""Levels: the fields of a layer are resolved one by one, each for all objects, and plain values become what they are."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable
from itertools import chain
from types import CoroutineType, NoneType
from typing import TYPE_CHECKING, Any, cast

from chatgraph.executor.completing import complete, descend
from chatgraph.executor.keeping import find_kept
from chatgraph.executor.layers import Layer, Spot
from chatgraph.executor.writing import ABANDONED, are_plain

if TYPE_CHECKING:
    from chatgraph.executor.fields import Field
    from chatgraph.executor.running import Run
    from chatgraph.executor.selections import Selection

SEQUENCES = {list, tuple}
COROUTINES = {CoroutineType}


def execute_layer(run: Run, layer: Layer) -> None:
    """Make the maps of a layer's objects, and resolve what needs resolving, field by field."""
    selection = layer.selection
    layer.outs = selection.build(run, layer, layer.sources)
    for field in selection.steps:
        execute_field(run, layer, field)


def execute_field(run: Run, layer: Layer, field: Field) -> None:
    """Give what is kept of one field, or resolve and complete it for all objects of a layer."""
    if field.keeping is None:
        _resolve(run, layer, field)
        return
    place = field.keeping.place(run, layer, field)
    if run.is_awaitable(place):
        run.wait(
            [cast("Awaitable[Any]", place)],
            [[(layer, 0)]],
            lambda given: _find_or_resolve(run, layer, field, *given),
        )
    else:
        _find_or_resolve(run, layer, field, place)


def _find_or_resolve(run: Run, layer: Layer, field: Field, place: Any) -> None:
    if place is ABANDONED:
        return
    if isinstance(place, Exception) or not find_kept(run, layer, field, place):
        _resolve(run, layer, field)


def _resolve(run: Run, layer: Layer, field: Field) -> None:
    values: Any = field.resolving.values(run, layer, field)
    if type(values) is list and len(values) == len(layer.sources):
        _accept(run, layer, field, values)
    elif run.is_awaitable(values):
        places = [(layer, index) for index in range(len(layer.sources))]
        run.wait(
            [cast("Awaitable[Any]", values)],
            [places],
            lambda given: _accept(run, layer, field, _given_by_batch(layer, *given)),
        )
    else:
        _accept(run, layer, field, _given_by_batch(layer, values))


def _given_by_batch(layer: Layer, values: Any) -> list[Any]:
    wanted = len(layer.sources)
    if isinstance(values, Exception):
        return [values] * wanted
    given = list(values) if isinstance(values, Iterable) else []
    if len(given) == wanted:
        return given
    wrong = RuntimeError(f"A batch gives one value for each of the {wanted} parents, not {len(given)}.")
    return [wrong] * wanted


def _accept(run: Run, layer: Layer, field: Field, values: list[Any], awaited: bool = False) -> None:
    """Complete a field's values: the quick way where their classes show that nothing is amiss."""
    kinds = set(map(type, values))
    if not awaited and kinds == COROUTINES and run.is_awaitable(values[0]):
        places = [[(layer, index)] for index in range(len(values))]
        run.wait(values, places, lambda given: _accept(run, layer, field, given, awaited=True))
    elif field.depth == 0 and field.write is not None and are_plain(run, kinds - {NoneType}):
        field.write(run, layer, values)
    elif field.depth == 0 and field.leaf is None and are_plain(run, kinds):
        _descend_quickly(run, layer, field, values, None)
    elif field.depth == 1 and kinds <= SEQUENCES:
        items = list(chain.from_iterable(values))
        kinds = set(map(type, items))
        if not are_plain(run, kinds):
            complete(run, layer, field, layer.spots(field), values, 0, awaited)
        elif field.leaf is None:
            _descend_quickly(run, layer, field, items, [len(one) for one in values])
        elif kinds <= field.leaf.kept:
            for out, value in zip(layer.outs, values, strict=True):
                out[field.key] = list(value)
        else:
            complete(run, layer, field, layer.spots(field), values, 0, awaited)
    else:
        complete(run, layer, field, layer.spots(field), values, 0, awaited)


def _descend_quickly(
    run: Run, layer: Layer, field: Field, values: list[Any], lengths: list[int] | None
) -> None:
    """Execute plain objects, or the items of lists of them, as one layer if the same is selected of all."""
    key = field.key
    selection = field.runtimes.same_for_all(values) if values else None
    if values and selection is None:
        if lengths is None:
            spots = layer.spots(field)
        else:
            spots = []
            for index, (out, length) in enumerate(zip(layer.outs, lengths, strict=True)):
                holder = out[key] = [None] * length
                spots += [Spot(holder, place, index, (place,)) for place in range(length)]
        descend(run, layer, field, spots, values)
        return
    if selection is not None and lengths is None and selection.shareable and len(values) > 1:
        _share(run, layer, field, values, selection)
        return
    child: Layer | None = None
    if selection is not None:
        child = Layer(selection, values, layer, field, lengths)
        child.outs = selection.build(run, child, values)
    outs = child.outs if child else []
    if lengths is None:
        for out, made in zip(layer.outs, outs, strict=True):
            out[key] = made
    else:
        start = 0
        for out, length in zip(layer.outs, lengths, strict=True):
            out[key] = outs[start : start + length]
            start += length
    if child is not None:
        for step in child.selection.steps:
            execute_field(run, child, step)


def _share(run: Run, layer: Layer, field: Field, values: list[Any], selection: Selection) -> None:
    """Make one map of each object to which several others lead, if no more is selected of it than leaves."""
    names = list(map(id, values))
    first = {name: index for index, name in reversed(list(enumerate(names)))}
    made = _make(run, layer, field, values, selection, list(first.values()))
    shared = None if made is None else dict(zip(first, made, strict=True))
    if shared is None:
        left = sorted(set(range(len(values))) - set(first.values()))
        _make(run, layer, field, values, selection, left)
        return
    key = field.key
    for out, name in zip(layer.outs, names, strict=True):
        out[key] = shared[name]


def _make(
    run: Run, layer: Layer, field: Field, values: list[Any], selection: Selection, owners: list[int]
) -> list[dict[str, Any]] | None:
    """Make the maps of the values of some owners; None if one isn't whole, so that others must have their own."""
    child = Layer(
        selection, [values[one] for one in owners], layer, field, places=[(one, ()) for one in owners]
    )
    before = run.unsettled
    child.outs = selection.build(run, child, child.sources)
    for one, out in zip(owners, child.outs, strict=True):
        layer.outs[one][field.key] = out
    for step in selection.steps:
        execute_field(run, child, step)
    return child.outs if run.unsettled == before else None
