"""Faults: what went wrong at which place of the response, and what becomes null by it."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any, NamedTuple

from graphql import GraphQLError
from graphql.error import located_error

if TYPE_CHECKING:
    from chatgraph.executor.fields import Field
    from chatgraph.executor.layers import Indices, Layer, Segment


class Fault(NamedTuple):
    """An *error* of a field of the object *owner* of a layer, at *indices* of the field's lists."""

    layer: Layer
    field: Field
    owner: int
    indices: Indices
    error: Exception

    def segments(self) -> list[Segment]:
        """Give the way from the root to where it happened."""
        return self.layer.segments(self.owner) + self.field.segments(self.indices)

    def nulled(self) -> tuple[str | int, ...]:
        """Give the way to what becomes null by it; empty where it is all of the data."""
        segments = self.segments()
        while segments and not segments[-1].nullable:
            segments.pop()
        return tuple(segment.key for segment in segments)


def apply(faults: list[Fault], data: dict[str, Any]) -> tuple[dict[str, Any] | None, list[GraphQLError]]:
    """
    Make null what the faults take with them (GraphQL specification, section 6.4.4), and list the errors.

    They are told in the order of the response, whenever they happened. Those within what is null already are not
    told. A list that broke while it was read comes after what was read of it.
    """
    found = [(fault, fault.segments()) for fault in faults]
    found.sort(key=lambda one: (*(segment.order for segment in one[1]), inf))
    errors: list[GraphQLError] = []
    nulled: set[tuple[str | int, ...]] = set()
    for fault, segments in found:
        keys = [segment.key for segment in segments]
        if any(tuple(keys[:end]) in nulled for end in range(1, len(keys) + 1)):
            continue
        errors.append(located_error(fault.error, fault.field.nodes, keys))
        last = len(segments)
        while last and not segments[last - 1].nullable:
            last -= 1
        if not last:
            return None, errors
        holder: Any = data
        for key in keys[: last - 1]:
            holder = holder[key]
        holder[keys[last - 1]] = None
        nulled.add(tuple(keys[:last]))
    return data, errors
