"""Measure posting and reading through HTTP, and beside them a route that only hands out bytes, in turns."""

import os
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.load import drive
from tests.benchmarks.peers.plain import ANSWER
from tests.benchmarks.processes import cores, cpu_seconds, on_core, written
from tests.benchmarks.report import Side, tell
from tests.benchmarks.scene import set_scene
from tests.faults.server import Server

COUNTED = ("-m", "tests.benchmarks.counted", "serve")
PLAIN = ("-m", "tests.benchmarks.peers.plain")
POSTING, READING = 64, 16  # clients


async def measure_requests(folder: Path, rounds: int, seconds: float) -> None:
    """Start the servers, measure *rounds* times *seconds* of each side, print the figures, and end the servers."""
    for_server, for_load = cores() or (None, None)
    chat = Server(_made(folder / "chat"), COUNTED)
    floor = Server(_made(folder / "plain"), PLAIN)
    answer = folder / "answer.json"
    os.environ[ANSWER] = str(answer)
    try:
        with on_core(for_server):
            await chat.start()
        with on_core(for_load):
            scene = await set_scene(chat.url)
            answer.write_bytes(scene.answer)
        with on_core(for_server):
            await floor.start()
        print(f"{len(scene.answer):,} bytes a page; {rounds} rounds of {seconds:g} s each\n")
        plain = Side(f"plain route, the same bytes, {READING} clients")
        page = Side(f"page of 50 talks with authors, {READING} clients")
        post = Side(f"post a talk, durable, {POSTING} clients")
        with on_core(for_load):
            before = (0, 0)
            for round_ in range(rounds + 1):
                # The first round warms everything up and isn't counted.
                length = seconds if round_ else 1
                if round_ == 1:
                    before = await written(chat)
                await _measure(post if round_ else None, chat, POSTING, length, scene.post)
                await _measure(page if round_ else None, chat, READING, length, lambda: scene.page)
                await _measure(plain if round_ else None, floor, READING, length / 2, lambda: scene.page)
            after = await written(chat)
    finally:
        await chat.stop()
        await floor.stop()
    print(tell([plain, page, post], plain))
    print(f"\ntalks a commit: {(after[1] - before[1]) / (after[0] - before[0]):.1f}")


async def _measure(
    side: Side | None, server: Server, clients: int, seconds: float, request: Callable[[], bytes]
) -> None:
    before = cpu_seconds(server)
    load = await drive(server.url, clients, seconds, request)
    if side is not None:
        side.rounds.append(load)
        side.cpu.append(cpu_seconds(server) - before)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
