"""Waiting: what an execution waits for, for whom, and who is told what came of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

from chatgraph.executor.layers import Layer
from chatgraph.executor.writing import ABANDONED

Resume = Callable[[list[Any]], None]
Places = list[tuple[Layer, int]]


class Waiting(NamedTuple):
    """Awaitables, for each of them the objects that it is for, and who is told what they gave."""

    awaitables: Sequence[Awaitable[Any]]
    places: list[Places]
    resume: Resume


def only(
    awaitables: Sequence[Awaitable[Any]], places: list[Places], resume: Resume, live: list[bool]
) -> Waiting:
    """Wait for some of the awaitables, and tell of the others that they were abandoned."""

    def told(given: list[Any]) -> None:
        found = iter(given)
        resume([next(found) if is_live else ABANDONED for is_live in live])

    return Waiting(
        [one for one, is_live in zip(awaitables, live, strict=True) if is_live],
        [one for one, is_live in zip(places, live, strict=True) if is_live],
        told,
    )
