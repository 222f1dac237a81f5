"""Measure pages and posts on SQLite, on PostgreSQL, and with more servers on the same PostgreSQL."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

import httpx

from tests.benchmarks.load import Load, drive
from tests.benchmarks.processes import cores, cpu_seconds, on_core, on_load_core, served
from tests.benchmarks.report import Comparison, tell_comparisons, tell_sides
from tests.benchmarks.scene import AUTHORS, PAGE, Scene, make_posts, set_scene
from tests.benchmarks.turns import Side, take_turns
from tests.cast import Actor
from tests.faults.postgres import Postgres, postgres_in
from tests.faults.server import SERVE, Server

POSTING, HOUSES = 64, 64
SQLITE, ONE, TWO, THREE = "SQLite", "PostgreSQL", "PostgreSQL, two servers", "PostgreSQL, three servers"


@dataclass
class Shared(Side):
    """A side that asks several servers at the same time, each over its share of the clients, and counts their database."""

    servers: list[Server] = field(default_factory=list)
    postgres: Postgres | None = None

    async def drive(self, seconds: float) -> tuple[Load, float]:
        """Give the load of so many seconds, and what the servers and their database computed in them."""
        before = self._computed()
        clients = self.clients // len(self.servers)
        loads = await asyncio.gather(
            *(drive(server.url, clients, seconds, self.request, self.opening) for server in self.servers)
        )
        load = Load(
            [latency for one in loads for latency in one.latencies],
            max(one.seconds for one in loads),
            max(one.computed for one in loads),
        )
        return load, self._computed() - before

    def _computed(self) -> float:
        database = 0.0 if self.postgres is None else self.postgres.cpu_seconds()
        return database + sum(map(cpu_seconds, self.servers))


async def measure_servers(folder: Path, rounds: int, seconds: float) -> None:
    """Start the servers, measure *rounds* times *seconds* of each side, print the figures, and end the servers."""
    async with AsyncExitStack() as stack:
        postgres = stack.enter_context(postgres_in(folder))
        alone = await stack.enter_async_context(served(folder / "alone", SERVE))
        three = [Server(folder, SERVE, postgres.url) for _ in range(3)]
        for number, (server, core) in enumerate(zip(three, cycle(cores() or (None,)), strict=False)):
            server.log = folder / f"server{number}.log"
            stack.push_async_callback(server.stop)
            with on_core(core):
                await server.start()
        with on_load_core():
            sides = [
                *await _sides(alone, {SQLITE: [alone]}, None),
                *await _sides(three[0], {ONE: three[:1], TWO: three[:2], THREE: three}, postgres),
            ]
        await take_turns(sides, rounds, seconds)
    print(tell_sides(sides))
    named = {side.name: side for side in sides}
    compared = []
    for what in WHATS:
        compared.append(Comparison(named[f"{what}: {ONE}"], named[f"{what}: {SQLITE}"]))
        compared.append(Comparison(named[f"{what}: {TWO}"], named[f"{what}: {ONE}"]))
        if what in POSTS:
            compared.append(Comparison(named[f"{what}: {THREE}"], named[f"{what}: {ONE}"]))
    print(f"\n{tell_comparisons(compared)}")


TAIL, ANYWHERE, IN_ONE, IN_MANY = (
    "page at the tail",
    "another page each time",
    "post a talk, one house",
    f"post a talk, {HOUSES} houses",
)
POSTS = (IN_ONE, IN_MANY)
WHATS = (TAIL, ANYWHERE, *POSTS)


async def _sides(filled: Server, measured: dict[str, list[Server]], postgres: Postgres | None) -> list[Side]:
    """Fill a database by one of its servers, and give what is measured of each group of them."""
    scene = await set_scene(filled.url)
    rooms = await _rooms(filled.url, scene)
    requests: dict[str, Callable[[], bytes]] = {
        TAIL: cycle([scene.ask(PAGE, scene.tail())]).__next__,
        ANYWHERE: cycle([scene.ask(PAGE, one) for one in scene.anywhere()]).__next__,
        IN_ONE: make_posts(scene.posted, scene.tokens),
        IN_MANY: _in_turn([make_posts(room, scene.tokens) for room in rooms]),
    }
    return [
        Shared(
            f"{what}: {name}",
            servers[0],
            request,
            POSTING if what in POSTS else 16,
            servers=servers,
            postgres=postgres,
        )
        for name, servers in measured.items()
        for what, request in requests.items()
        if name != THREE or what in POSTS
    ]


async def _rooms(url: str, scene: Scene) -> list[str]:
    """Open a room in each of many public houses, of which all authors become members."""
    async with httpx.AsyncClient(base_url=url, timeout=60) as http:
        authors = [Actor(http, f"author{number}") for number in range(AUTHORS)]
        for author, token in zip(authors, scene.tokens, strict=True):
            author.token = token
        houses = [await authors[0].create_house(f"House {number}") for number in range(HOUSES)]
        rooms = [await authors[0].create_room(house) for house in houses]
        for room in rooms:
            await asyncio.gather(*(author.post_talk(room) for author in authors))
        return rooms


def _in_turn(posts: list[Callable[[], bytes]]) -> Callable[[], bytes]:
    turns: Iterator[Callable[[], bytes]] = cycle(posts)
    return lambda: next(turns)()
