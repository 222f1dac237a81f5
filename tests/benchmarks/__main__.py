"""Measure what the server does, each thing beside what could not be faster, or beside others that do the same."""

import argparse
import asyncio
import signal
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import uvloop

from tests.benchmarks.fanout import measure_fan_out
from tests.benchmarks.flat import measure_flat
from tests.benchmarks.logins import measure_logins
from tests.benchmarks.memory import measure_memory
from tests.benchmarks.report import tell_machine
from tests.benchmarks.requests import measure_requests
from tests.benchmarks.servers import measure_servers

Measure = Callable[[Path, argparse.Namespace], Awaitable[None]]
REQUESTS, SERVERS, FLAT, LOGINS, FAN_OUT, MEMORY = (
    "requests",
    "servers",
    "flat",
    "logins",
    "fan-out",
    "memory",
)
GROUPS: dict[str, tuple[str, Measure]] = {
    REQUESTS: ("Requests", lambda at, given: measure_requests(at, given.rounds or 7, given.seconds or 1)),
    SERVERS: (
        "PostgreSQL and more servers",
        lambda at, given: measure_servers(at, given.rounds or 5, given.seconds or 1),
    ),
    FLAT: ("Long lists", lambda at, given: measure_flat(at, given.rounds or 5, given.seconds or 0.7)),
    LOGINS: (
        "Logins beside traffic",
        lambda at, given: measure_logins(at, given.rounds or 5, given.seconds or 2),
    ),
    FAN_OUT: (
        "Fan-out",
        lambda at, given: measure_fan_out(at, given.rounds or 5, given.seconds or 2, given.listeners),
    ),
    MEMORY: ("Memory after many documents", lambda at, given: measure_memory(at, given.requests)),
}


async def measure(folder: Path, given: argparse.Namespace) -> None:
    """Measure what was asked for, and print it. Told to stop (SIGTERM), it ends the servers first."""
    if task := asyncio.current_task():
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    print(tell_machine())
    for name, (title, measure_group) in GROUPS.items():
        if given.only == name or (given.only is None and name != MEMORY):
            print(f"\n## {title}\n", flush=True)
            place = folder / name
            place.mkdir()
            await measure_group(place, given)


def main() -> None:
    """Run it from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--only", choices=tuple(GROUPS), help="what to measure (all but memory)")
    parser.add_argument("--rounds", type=int, help="how often each side is measured (5; requests: 7)")
    parser.add_argument("--seconds", type=float, help="how long each time (0.7 to 2)")
    parser.add_argument("--listeners", type=int, default=1000, help="how many hear each talk (1000)")
    parser.add_argument("--requests", type=int, default=100_000, help="how many for memory (100,000)")
    given = parser.parse_args()
    runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
    with tempfile.TemporaryDirectory() as folder, runner:
        runner.run(measure(Path(folder), given))


if __name__ == "__main__":
    main()
