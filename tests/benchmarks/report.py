"""The figures of one run, as a table."""

import os
import platform
import sqlite3
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version

from tests.benchmarks.load import Load

PACKAGES = ("uvicorn", "uvloop", "httptools", "starlette", "strawberry-graphql", "sqlalchemy")


@dataclass
class Side:
    """What was measured of one kind of request: a load a round, and the server's CPU seconds in it."""

    name: str
    rounds: list[Load] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    @property
    def rates(self) -> list[float]:
        """Requests a second, each round's."""
        return [load.rate for load in self.rounds]

    @property
    def costs(self) -> list[float]:
        """Microseconds of CPU time a request, each round's."""
        return [1e6 * cpu / len(load.latencies) for load, cpu in zip(self.rounds, self.cpu, strict=True)]


def tell_machine() -> str:
    """Say what the figures depend on."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"{datetime.now(UTC):%Y-%m-%d}: {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}\n{packages}"
    )


def tell(sides: list[Side], floor: Side) -> str:
    """Write the table: medians of the rounds, the lowest and highest in brackets; ratios are taken round by round."""
    lines = [
        "| | requests/s | CPU µs a request | CPU, times plain | p50 ms | p99 ms |",
        "|---|---|---|---|---|---|",
    ]
    for side in sides:
        times = [cost / least if least else 0.0 for cost, least in zip(side.costs, floor.costs, strict=True)]
        waits = [1000 * _median(side.rounds, lambda load, at=at: load.percentile(at)) for at in (0.5, 0.99)]
        cells = [side.name, _spread(side.rates), _spread(side.costs), f"{statistics.median(times):.1f}"]
        lines.append(f"| {' | '.join([*cells, *(f'{wait:.1f}' for wait in waits)])} |")
    return "\n".join(lines)


def _median(rounds: list[Load], figure: Callable[[Load], float]) -> float:
    return statistics.median(figure(load) for load in rounds)


def _spread(figures: list[float]) -> str:
    return f"{statistics.median(figures):,.0f} ({min(figures):,.0f}–{max(figures):,.0f})"
