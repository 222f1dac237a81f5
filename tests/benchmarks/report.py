"""The figures of one run, as tables."""

import os
import platform
import sqlite3
import statistics
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from typing import NamedTuple

from tests.benchmarks.load import Load
from tests.benchmarks.turns import Side

PACKAGES = ("uvicorn", "uvloop", "httptools", "starlette", "strawberry-graphql", "sqlalchemy")
BUSY = 0.9  # of the time: from here on it is the load that is measured


class Comparison(NamedTuple):
    """Two sides; *target* is how many times as fast as *theirs* ours wants to be."""

    ours: Side
    theirs: Side
    target: float | None = None


class Bound(NamedTuple):
    """A figure that wants to stay below *most*."""

    name: str
    figure: float
    most: float


def tell_machine() -> str:
    """Say what the figures depend on."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"{datetime.now(UTC):%Y-%m-%d}: {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}\n{packages}"
    )


def tell_sides(sides: Iterable[Side]) -> str:
    """Write the table of what was measured: medians of the rounds, the lowest and highest in brackets."""
    lines = ["| | clients | requests/s | CPU µs a request | p50 ms | p99 ms | load busy |", "|---" * 7 + "|"]
    for side in sides:
        waits = [f"{1000 * percentile(side, share):.1f}" for share in (0.5, 0.99)]
        cells = [
            side.name,
            str(side.clients),
            spread(side.rates),
            spread(side.costs),
            *waits,
            f"{_busy(side):.0%}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    if busy := [side.name for side in sides if _busy(side) > BUSY]:
        lines.append(
            f"\nThe load had no time left beside {', '.join(busy)}: those would be faster than told here."
        )
    return "\n".join(lines)


def tell_comparisons(comparisons: Iterable[Comparison]) -> str:
    """Write the table of ratios, which are taken round by round: above 1, ours is faster, or computes less."""
    lines = ["| | beside | requests/s, times | CPU, times less | target | |", "|---" * 6 + "|"]
    for ours, theirs, target in comparisons:
        faster, less = [ratios(a, b) for a, b in ((ours.rates, theirs.rates), (theirs.costs, ours.costs))]
        reached = min(statistics.median(faster), statistics.median(less))
        cells = [ours.name, theirs.name, spread(faster, ".2f"), spread(less, ".2f")]
        cells += ["–", ""] if target is None else [f"{target:g}", _verdict(reached >= target)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def tell_bounds(bounds: Iterable[Bound]) -> str:
    """Write the table of figures that want to stay small."""
    lines = ["| | | target | |", "|---" * 4 + "|"]
    lines += [
        f"| {name} | {figure:.2f} | at most {most:g} | {_verdict(figure <= most)} |"
        for name, figure, most in bounds
    ]
    return "\n".join(lines)


def ratios(ones: Sequence[float], others: Sequence[float]) -> list[float]:
    """Divide the figures of the same rounds."""
    return [one / other if other else 0.0 for one, other in zip(ones, others, strict=True)]


def percentile(side: Side, share: float) -> float:
    """Give the median of the rounds' percentiles, in seconds."""
    return _median(side.rounds, lambda load: load.percentile(share))


def spread(figures: Sequence[float], form: str = ",.0f") -> str:
    """Write the median, the lowest and the highest."""
    return f"{statistics.median(figures):{form}} ({min(figures):{form}}–{max(figures):{form}})"


def _median(rounds: list[Load], figure: Callable[[Load], float]) -> float:
    return statistics.median(figure(load) for load in rounds)


def _busy(side: Side) -> float:
    return statistics.median(side.busy)


def _verdict(reached: bool) -> str:
    return "met" if reached else "missed"
