"""Sharing: an object to which several others lead, and of which no more is selected than leaves, is written once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chatgraph.executor.layers import Layer

if TYPE_CHECKING:
    from chatgraph.executor.fields import Field
    from chatgraph.executor.running import Run
    from chatgraph.executor.selections import Selection


def make_shared(
    run: Run, layer: Layer, field: Field, values: list[Any], selection: Selection
) -> list[dict[str, Any]]:
    """
    Give the map of each value, the same one for the same object.

    Where one isn't whole, what is noted of it belongs to one place alone: then each place has its own.
    """
    names = list(map(id, values))
    first = dict(zip(reversed(names), range(len(names) - 1, -1, -1), strict=True))
    before = run.unsettled
    made = _make(run, layer, field, values, selection, list(first.values()))
    if run.unsettled == before:
        run.values += (len(values) - len(made)) * len(selection.fields)
        shared = dict(zip(first, made, strict=True))
        return [shared[name] for name in names]
    left = sorted(set(range(len(values))) - set(first.values()))
    owned = dict(zip(first.values(), made, strict=True))
    owned |= dict(zip(left, _make(run, layer, field, values, selection, left), strict=True))
    return [owned[owner] for owner in range(len(values))]


def _make(
    run: Run, layer: Layer, field: Field, values: list[Any], selection: Selection, owners: list[int]
) -> list[dict[str, Any]]:
    sources = [values[one] for one in owners]
    child = Layer(selection, sources, layer, field, places=[(one, ()) for one in owners])
    run.execute_layer(child)
    return child.outs
