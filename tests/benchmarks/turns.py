"""The sides of a comparison, and how they are measured: in turns, so that a slow machine is slow for all of them."""

import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import orjson

from tests.benchmarks.load import OPENING, Load, ask, drive
from tests.benchmarks.processes import cpu_seconds
from tests.faults.server import Server

WARMING = 0.5  # seconds
BEGINNING = 36  # bytes of an answer, which tell a right one from an error


@dataclass
class Side:
    """
    One kind of request to one server, and what was measured: a load a round, and the server's CPU seconds in it.

    *warming* is for how many seconds it is asked before anything counts. Each client asks when it was answered, or
    *every* so many seconds.
    """

    name: str
    server: Server
    request: Callable[[], bytes]
    clients: int = 16
    opening: bytes = OPENING
    warming: float = WARMING
    every: float = 0.0
    rounds: list[Load] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def paced(self, every: float) -> "Side":
        """Give the same, asked by each client *every* so many seconds."""
        return replace(self, name=f"{self.name}, {1 / every:g} a second each", every=every, rounds=[], cpu=[])

    @property
    def rates(self) -> list[float]:
        """Requests a second, each round's."""
        return [load.rate for load in self.rounds]

    @property
    def costs(self) -> list[float]:
        """Microseconds of CPU time a request, each round's."""
        return [1e6 * cpu / len(load.latencies) for load, cpu in zip(self.rounds, self.cpu, strict=True)]

    @property
    def busy(self) -> list[float]:
        """The share of the time in which the load computed, each round's."""
        return [load.computed / load.seconds for load in self.rounds]

    async def drive(self, seconds: float) -> tuple[Load, float]:
        """Give the load of so many seconds, and what the server computed in them."""
        before = cpu_seconds(self.server)
        load = await drive(self.server.url, self.clients, seconds, self.request, self.opening, self.every)
        return load, cpu_seconds(self.server) - before


async def take_turns(sides: Sequence[Side], rounds: int, seconds: float) -> None:
    """Measure *rounds* times *seconds* of each side; before that, each is warmed up."""
    gc.collect()
    gc.freeze()
    for side in sides:
        await side.drive(side.warming)
    for _ in range(rounds):
        for side in sides:
            load, computed = await side.drive(seconds)
            side.rounds.append(load)
            side.cpu.append(computed)


async def require_same(sides: Sequence[Side]) -> bytes:
    """
    Give the first side's answer; from now on each side takes only answers that begin as its own did.

    Raises `RuntimeError` when another side answers its request with other JSON.
    """
    answers = [await ask(side.server.url, side.request()) for side in sides]
    for side, answer in zip(sides, answers, strict=True):
        if orjson.loads(answer) != orjson.loads(answers[0]):
            raise RuntimeError(f"{side.name} answers {answer!r},\nand {sides[0].name} {answers[0]!r}.")
        side.opening = answer[:BEGINNING]
    return answers[0]
