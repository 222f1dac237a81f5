"""Measure how long a cheap query waits while people sign in on the same core, with passwords as they are hashed for real."""

import asyncio
import statistics
import time
from pathlib import Path

import orjson

from tests.benchmarks.load import Load, encode
from tests.benchmarks.posting import Poster
from tests.benchmarks.processes import on_load_core, served
from tests.benchmarks.report import Bound, tell_bounds
from tests.benchmarks.scene import VIEWER, set_scene
from tests.cast import PASSWORD
from tests.faults.server import SERVE

TOGETHER = 4  # logins
EVERY = 0.005  # seconds: how often somebody asks
SLOWEST = 10  # ms
LOGIN = "mutation ($input: LoginInput!) { login(input: $input) { accessToken } }"


async def measure_logins(folder: Path, rounds: int, seconds: float) -> None:
    """Measure *rounds* times *seconds* without logins and beside them, and print the figures."""
    alone: list[Load] = []
    beside: list[Load] = []
    logins = 0
    async with served(folder / "logins", SERVE) as chat:
        with on_load_core():
            scene = await set_scene(chat.url)
            question = scene.ask(VIEWER)
            await _ask(chat.url, question, time.perf_counter() + 0.5)
            for _ in range(rounds):
                alone.append(await _ask(chat.url, question, time.perf_counter() + seconds))
                until = time.perf_counter() + seconds
                asking = asyncio.create_task(_ask(chat.url, question, until))
                logins += sum(await asyncio.gather(*(_sign_in(chat.url, n, until) for n in range(TOGETHER))))
                beside.append(await asking)
    print(f"A cheap query every {1000 * EVERY:g} ms; {rounds} rounds of {seconds:g} s each\n")
    print("| | p50 ms | p99 ms | slowest ms |\n|---|---|---|---|")
    for name, loads in (("without logins", alone), (f"beside {TOGETHER} logins", beside)):
        print(f"| {name} | {_wait(loads, 0.5):.2f} | {_wait(loads, 0.99):.2f} | {_wait(loads, 1):.2f} |")
    print(f"\nlogins a second: {logins / sum(load.seconds for load in beside):.1f}\n")
    print(tell_bounds([Bound("a cheap query beside logins, p99 ms", _wait(beside, 0.99), SLOWEST)]))


async def _ask(url: str, question: bytes, until: float) -> Load:
    """Ask again and again, and note how long each answer took."""
    load, began = Load(), time.perf_counter()
    poster = await Poster.connect(url, lambda: question)
    while (now := time.perf_counter()) < until:
        await poster.post()
        load.latencies.append(time.perf_counter() - now)
        await asyncio.sleep(max(0, now + EVERY - time.perf_counter()))
    poster.transport.close()
    load.seconds = time.perf_counter() - began
    return load


async def _sign_in(url: str, number: int, until: float) -> int:
    """Sign in again and again; give how often."""
    given = {"input": {"username": f"author{number}", "password": PASSWORD}}
    request = encode("/graphql", orjson.dumps({"query": LOGIN, "variables": given}), "")
    request = request.replace(b"Authorization: Bearer \r\n", b"")
    poster, logins = await Poster.connect(url, lambda: request), 0
    while time.perf_counter() < until:
        await poster.post()
        logins += 1
    poster.transport.close()
    return logins


def _wait(loads: list[Load], share: float) -> float:
    return 1000 * statistics.median(load.percentile(share) for load in loads)
