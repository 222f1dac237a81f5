"""Measure posting and reading through HTTP, and telling a thousand listeners, each beside what could not be faster."""

import argparse
import asyncio
import tempfile
from pathlib import Path

import uvloop

from tests.benchmarks.fanout import measure_fan_out
from tests.benchmarks.report import tell_machine
from tests.benchmarks.requests import measure_requests

REQUESTS, FAN_OUT = "requests", "fan-out"


async def measure(folder: Path, given: argparse.Namespace) -> None:
    """Measure what was asked for, and print it."""
    rounds = max(1, given.rounds)
    print(tell_machine())
    if given.only in (None, REQUESTS):
        print("\n## Requests\n")
        await measure_requests(folder, rounds, given.seconds or 4)
    if given.only in (None, FAN_OUT):
        print("\n## Fan-out\n")
        await measure_fan_out(folder, rounds, given.seconds or 2, given.listeners)


def main() -> None:
    """Run it from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--only", choices=(REQUESTS, FAN_OUT), help="what to measure (both)")
    parser.add_argument("--rounds", type=int, default=5, help="how often each side is measured (5)")
    parser.add_argument(
        "--seconds", type=float, help="how long each time (4 for requests, 2 for the fan-out)"
    )
    parser.add_argument("--listeners", type=int, default=1000, help="how many hear each talk (1000)")
    given = parser.parse_args()
    runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
    with tempfile.TemporaryDirectory() as folder, runner:
        runner.run(measure(Path(folder), given))


if __name__ == "__main__":
    main()
