"""The figures of one fan-out, as tables."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass, field

FLOOR = "floor: `send` to each socket"
MERCURIUS = "Mercurius (Node)"
BUSY = 0.9  # of the time: from here on it is the load that is measured


@dataclass
class Turn:
    """
    What came of talks that were posted for a while, each when the last was heard by all.

    *firsts* and *lasts* are the seconds until the first listener heard, and until the last one had heard all.
    """

    deliveries: int = 0
    seconds: float = 0.0
    server_seconds: float = 0.0
    load_seconds: float = 0.0
    firsts: list[float] = field(default_factory=list)
    lasts: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Deliveries a second."""
        return self.deliveries / self.seconds

    @property
    def cost(self) -> float:
        """Microseconds that the server computed a delivery."""
        return 1e6 * self.server_seconds / self.deliveries

    @property
    def busy(self) -> float:
        """The share of the time in which the load computed."""
        return self.load_seconds / self.seconds


@dataclass
class Stage:
    """One server: its turns with single talks and with bursts, and the memory of an idle listener."""

    name: str
    alone: list[Turn] = field(default_factory=list)
    bursts: list[Turn] = field(default_factory=list)
    bytes_each: float = 0.0


def tell_fan_out(stages: list[Stage]) -> str:
    """Write the tables: medians of the rounds, lowest and highest in brackets; ratios are taken round by round."""
    parts = [
        "one talk after another:\n",
        _table(stages, lambda stage: stage.alone),
        "\nbursts of ten talks:\n",
        _table(stages, lambda stage: stage.bursts),
        "\nmemory of an idle listener, KB: "
        + ", ".join(f"{stage.name} {stage.bytes_each / 1024:.1f}" for stage in stages),
    ]
    if busy := [stage.name for stage in stages if _busy(stage.alone + stage.bursts) > BUSY]:
        parts.append(
            f"\nThe load had no time left beside {', '.join(busy)}: those would be faster than told here."
        )
    return "\n".join(parts)


def _table(stages: list[Stage], turns: Callable[[Stage], list[Turn]]) -> str:
    lines = [
        "| | deliveries/s | times the floor | times Mercurius | CPU µs a delivery | CPU, times the floor "
        "| ms to the first | to the last | p99 | load busy |",
        "|---" * 10 + "|",
    ]
    for stage in stages:
        own = turns(stage)
        firsts = [first for turn in own for first in turn.firsts]
        lasts = sorted(last for turn in own for last in turn.lasts)
        floor, mercurius = (_of(stages, name, turns) for name in (FLOOR, MERCURIUS))
        cells = [
            stage.name,
            _spread([turn.rate for turn in own], ",.0f"),
            _ratio(own, floor, lambda turn: turn.rate),
            _ratio(own, mercurius, lambda turn: turn.rate),
            _spread([turn.cost for turn in own], ".1f"),
            _ratio(own, floor, lambda turn: turn.cost),
            f"{1000 * statistics.median(firsts):.1f}",
            f"{1000 * statistics.median(lasts):.1f}",
            f"{1000 * lasts[min(len(lasts) - 1, int(0.99 * len(lasts)))]:.1f}",
            f"{_busy(own):.0%}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _of(stages: list[Stage], name: str, turns: Callable[[Stage], list[Turn]]) -> list[Turn]:
    return next((turns(stage) for stage in stages if stage.name == name), [])


def _ratio(own: list[Turn], other: list[Turn], figure: Callable[[Turn], float]) -> str:
    pairs = [(figure(one), figure(two)) for one, two in zip(own, other, strict=False)]
    ratios = [one / two for one, two in pairs if two]
    return f"{statistics.median(ratios):.2f}" if ratios else "–"


def _busy(turns: list[Turn]) -> float:
    return statistics.median(turn.busy for turn in turns)


def _spread(figures: list[float], form: str) -> str:
    return f"{statistics.median(figures):{form}} ({min(figures):{form}}–{max(figures):{form}})"
