"""Completing: whatever was resolved becomes what stands in the response, or the fault that stands in its way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, Undefined
from graphql.pyutils import is_iterable

from chatgraph.executor.layers import Layer, Spot
from chatgraph.executor.lists import read_items, read_stream
from chatgraph.executor.writing import ABANDONED, null_error, write_leaf

if TYPE_CHECKING:
    from chatgraph.executor.fields import Field
    from chatgraph.executor.running import Run
    from chatgraph.executor.selections import Selection


def complete(
    run: Run,
    layer: Layer,
    field: Field,
    spots: list[Spot],
    values: list[Any],
    depth: int,
    awaited: bool = False,
) -> None:
    """Complete values that stand in *depth* lists of the field, whatever they are."""
    ready: list[tuple[Spot, Any]] = []
    waiting: list[tuple[Spot, Any]] = []
    for spot, value in zip(spots, values, strict=True):
        if value is ABANDONED:
            continue
        if isinstance(value, Exception):
            run.fail(layer, field, spot.owner, spot.indices, value)
        elif value is None or value is Undefined:
            if not field.nullable[depth]:
                run.fail(layer, field, spot.owner, spot.indices, null_error(field))
        elif not awaited and run.is_awaitable(value):
            waiting.append((spot, value))
        else:
            ready.append((spot, value))
    if waiting:
        held = [spot for spot, _ in waiting]
        run.wait(
            [value for _, value in waiting],
            [[(layer, spot.owner)] for spot in held],
            lambda given: complete(run, layer, field, held, given, depth, awaited=True),
        )
    if not ready:
        return
    if depth < field.depth:
        _open_lists(run, layer, field, ready, depth)
    elif field.leaf is not None:
        for spot, value in ready:
            spot.holder[spot.key] = write_leaf(
                run, layer, field, spot.owner, spot.indices, value, awaited=True
            )
    else:
        descend(run, layer, field, [spot for spot, _ in ready], [value for _, value in ready])


def _open_lists(run: Run, layer: Layer, field: Field, ready: list[tuple[Spot, Any]], depth: int) -> None:
    spots: list[Spot] = []
    values: list[Any] = []
    streams: list[tuple[Spot, Any]] = []

    def open_one(spot: Spot, items: list[Any], broken: Exception | None) -> None:
        if broken is not None:
            run.fail(layer, field, spot.owner, spot.indices, broken)
        holder = spot.holder[spot.key] = [None] * len(items)
        for place, item in enumerate(items):
            spots.append(Spot(holder, place, spot.owner, (*spot.indices, place)))
            values.append(item)

    for spot, value in ready:
        if run.is_async_iterable(value):
            streams.append((spot, value))
        elif is_iterable(value):
            open_one(spot, *read_items(run, value))
        else:
            message = f"Expected Iterable, but did not find one for field '{field.parent_type}.{field.name}'."
            run.fail(layer, field, spot.owner, spot.indices, GraphQLError(message))
    if values:
        complete(run, layer, field, spots, values, depth + 1)

    for spot, stream in streams:

        def opened(given: list[Any], spot: Spot = spot) -> None:
            spots.clear()
            values.clear()
            if given[0] is ABANDONED:
                return
            if isinstance(given[0], Exception):
                run.fail(layer, field, spot.owner, spot.indices, given[0])
                return
            open_one(spot, *given[0])
            complete(run, layer, field, list(spots), list(values), depth + 1)

        reading = read_stream(stream, field.nullable[depth + 1])
        run.wait([reading], [[(layer, spot.owner)]], opened)


def descend(run: Run, layer: Layer, field: Field, spots: list[Spot], values: list[Any]) -> None:
    """Execute objects, each as what its runtime type selects."""
    found: list[tuple[Spot, Any, Selection]] = []
    held: list[tuple[Spot, Any]] = []
    asked: list[Any] = []
    for spot, value in zip(spots, values, strict=True):
        try:
            selection = field.runtimes.find(run, layer, spot.owner, value)
        except Exception as error:
            run.fail(layer, field, spot.owner, spot.indices, error)
            continue
        if run.is_awaitable(selection):
            held.append((spot, value))
            asked.append(selection)
        else:
            found.append((spot, value, selection))
    if asked:

        def told(given: list[Any]) -> None:
            known = []
            for (spot, value), selection in zip(held, given, strict=True):
                if selection is ABANDONED:
                    continue
                if isinstance(selection, Exception):
                    run.fail(layer, field, spot.owner, spot.indices, selection)
                else:
                    known.append((spot, value, selection))
            _descend_by_type(run, layer, field, known)

        run.wait(asked, [[(layer, spot.owner)] for spot, _ in held], told)
    _descend_by_type(run, layer, field, found)


def _descend_by_type(run: Run, layer: Layer, field: Field, found: list[tuple[Spot, Any, Selection]]) -> None:
    groups: dict[str, tuple[Selection, list[Spot], list[Any]]] = {}
    for spot, value, selection in found:
        _, spots, values = groups.setdefault(selection.type.name, (selection, [], []))
        spots.append(spot)
        values.append(value)
    for selection, spots, values in groups.values():
        places = [(spot.owner, spot.indices) for spot in spots]
        child = Layer(selection, values, layer, field, places=places)
        run.execute_layer(child)
        for spot, out in zip(spots, child.outs, strict=True):
            spot.holder[spot.key] = out
