"""
Levels: the objects of a layer are executed together, field by field.

What comes of a field for all of them is a column. Those that are at hand go into the maps as these are made; what has
to be resolved after that, or is awaited, is put into them when it is there.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterable
from types import CoroutineType
from typing import TYPE_CHECKING, Any, cast

from graphql import ExecutionResult

from chatgraph.executor.columns import make_column
from chatgraph.executor.completing import complete
from chatgraph.executor.keeping import find_kept
from chatgraph.executor.writing import ABANDONED

if TYPE_CHECKING:
    from chatgraph.executor.fields import Field
    from chatgraph.executor.keeping import Keeping, Place
    from chatgraph.executor.layers import Layer
    from chatgraph.executor.running import Run

COROUTINES = {CoroutineType}


def execute_layer(run: Run, layer: Layer) -> None:
    """Make the maps of a layer's objects, and resolve what needs resolving, field by field."""
    selection = layer.selection
    run.values += len(layer.sources) * len(selection.fields)
    columns: list[list[Any]] = []
    late: list[tuple[Field, Any]] = []
    for field in selection.columns:
        if field.keeping_items and (kept := field.keeping_items.column(run, layer, field)):
            columns.append(kept)
            continue
        values = field.resolving.values(run, layer, field)
        whole = type(values) is list and len(values) == len(layer.sources)
        column = make_column(run, layer, field, values, set(map(type, values))) if whole else None
        if column is None:
            late.append((field, values))
            column = [None] * len(layer.sources)
        columns.append(column)
    layer.outs = selection.build(run, layer, *columns)
    for field, values in late:
        _take(run, layer, field, values)
    for field in selection.steps:
        execute_field(run, layer, field)


def execute_field(run: Run, layer: Layer, field: Field) -> None:
    """Give what is kept of one field, or resolve and complete it for all objects of a layer."""
    keeping = field.keeping
    if keeping is None:
        _resolve(run, layer, field)
        return
    place = keeping.place(run, layer, field)
    if run.is_awaitable(place):
        run.wait(
            [cast("Awaitable[Any]", place)],
            [[(layer, 0)]],
            lambda given: _find_or_resolve(run, layer, field, keeping, *given),
        )
    else:
        _find_or_resolve(run, layer, field, keeping, place)


def execute_kept(
    run: Run, layer: Layer, field: Field, keeping: Keeping
) -> ExecutionResult | Awaitable[ExecutionResult]:
    """Execute the one root field, which is kept: most often it is found, and nothing else is waited for."""
    layer.outs = layer.selection.build(run, layer)
    place = keeping.place(run, layer, field)
    if run.is_awaitable(place):
        return _await_place(run, layer, field, keeping, cast("Awaitable[Place | None]", place))
    _find_or_resolve(run, layer, field, keeping, place)
    return run.conclude(layer)


async def _await_place(
    run: Run, layer: Layer, field: Field, keeping: Keeping, coming: Awaitable[Place | None]
) -> ExecutionResult:
    place: Any
    try:
        place = await coming
    except Exception as error:
        place = error
    _find_or_resolve(run, layer, field, keeping, place)
    result = run.conclude(layer)
    return result if isinstance(result, ExecutionResult) else await result


def _find_or_resolve(run: Run, layer: Layer, field: Field, keeping: Keeping, place: Any) -> None:
    if place is ABANDONED:
        return
    if isinstance(place, Exception) or not find_kept(run, layer, field, keeping, place):
        _resolve(run, layer, field)


def _resolve(run: Run, layer: Layer, field: Field) -> None:
    _take(run, layer, field, field.resolving.values(run, layer, field))


def _take(run: Run, layer: Layer, field: Field, values: Any) -> None:
    """Take what a field's values are for all objects, or what has to be awaited for them."""
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
    if values is ABANDONED or isinstance(values, Exception):
        return [values] * wanted
    given = list(values) if isinstance(values, Iterable) else []
    if len(given) == wanted:
        return given
    wrong = RuntimeError(f"A batch gives one value for each of the {wanted} parents, not {len(given)}.")
    return [wrong] * wanted


def _accept(run: Run, layer: Layer, field: Field, values: list[Any], awaited: bool = False) -> None:
    """Complete a field's values: all at once where their classes show that nothing is amiss."""
    kinds = set(map(type, values))
    if not awaited and kinds == COROUTINES and run.is_awaitable(values[0]):
        places = [[(layer, index)] for index in range(len(values))]
        run.wait(values, places, lambda given: _accept(run, layer, field, given, awaited=True))
        return
    column = make_column(run, layer, field, values, kinds)
    if column is None:
        complete(run, layer, field, layer.spots(field), values, 0, awaited)
        return
    key = field.key
    for out, one in zip(layer.outs, column, strict=True):
        out[key] = one
