"""Measure how one talk reaches a thousand listeners, and beside it what could not be faster and others, in turns."""

import asyncio
import gc
import os
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.fanout_report import FLOOR, MERCURIUS, Stage, Turn, tell_fan_out
from tests.benchmarks.house import House, build_house
from tests.benchmarks.listeners import PATIENCE, Audience
from tests.benchmarks.peers import node
from tests.benchmarks.peers.floor import MESSAGE
from tests.benchmarks.posting import Poster
from tests.benchmarks.processes import cores, cpu_seconds, on_core, on_load_core, resident_bytes
from tests.faults.postgres import Postgres, postgres_in
from tests.faults.server import SERVE, Server

# Listeners that come before memory is measured: what is loaded for the first of them isn't the others'.
FIRST_COME = 100
BURST = 10  # talks
ALONE = 0.6  # of the time: talks one after another; the rest is bursts
PROBES, QUIET_SECONDS = 30, 0.5
ON_POSTGRES = ("chatgraph on PostgreSQL", "two servers on PostgreSQL")


@dataclass
class Play:
    """Servers, who listens to them, who posts at the first, and the figures."""

    servers: list[Server]
    stage: Stage
    audience: Audience
    house: House
    postgres: Postgres | None = None

    async def take_turn(self, talks: int, seconds: float) -> Turn:
        """Post so many talks at once, and again when everybody has heard them, for so many seconds."""
        turn = Turn()
        posters = [await Poster.connect(self.servers[0].url, self.house.post) for _ in range(talks)]
        computed, load = self._computed(), time.process_time()
        began = time.perf_counter()
        while time.perf_counter() - began < seconds:
            await self._tell(posters, turn)
        turn.seconds = time.perf_counter() - began
        turn.server_seconds = self._computed() - computed
        turn.load_seconds = time.process_time() - load
        turn.deliveries = talks * len(turn.lasts) * len(self.audience.members)
        self.audience.check(talks * len(turn.lasts))
        for poster in posters:
            poster.transport.close()
        return turn

    async def gather(self) -> None:
        """Let everybody come, and measure what memory they take."""
        tokens = self.house.tokens
        await self.audience.grow(tokens[:FIRST_COME])
        await self._probe()
        before = sum(map(resident_bytes, self.servers))
        await self.audience.grow(tokens[FIRST_COME:])
        await self._probe()
        grown = sum(map(resident_bytes, self.servers)) - before
        self.stage.bytes_each = grown / max(1, len(tokens) - FIRST_COME)

    def _computed(self) -> float:
        database = 0.0 if self.postgres is None else self.postgres.cpu_seconds()
        return database + sum(map(cpu_seconds, self.servers))

    async def _tell(self, posters: list[Poster], turn: Turn) -> None:
        began = time.perf_counter()
        heard = self.audience.await_talks(len(posters))
        answered = [poster.post() for poster in posters]
        try:
            async with asyncio.timeout(PATIENCE):
                await asyncio.gather(heard, *answered)
        except TimeoutError:
            raise RuntimeError(
                f"{self.stage.name}: {self.audience.heard} deliveries of {self.audience.awaited} came."
            ) from None
        turn.firsts.append(self.audience.first - began)
        turn.lasts.append(self.audience.last - began)

    async def _probe(self) -> None:
        """Post until everybody has heard a talk: nothing else says that a subscription has begun."""
        for _ in range(PROBES):
            poster = await Poster.connect(self.servers[0].url, self.house.post)
            heard = self.audience.await_talks(1)
            await poster.post()
            await asyncio.wait([heard], timeout=QUIET_SECONDS)
            poster.transport.close()
            if heard.done():
                heard.result()
            await self.audience.fall_silent(QUIET_SECONDS)
            if self.audience.all_heard():
                return
        raise RuntimeError(f"Not everybody listens to {self.stage.name}.")


async def measure_fan_out(folder: Path, rounds: int, seconds: float, listeners: int) -> None:
    """Start the servers, measure *rounds* times *seconds* of each, print the figures, and end the servers."""
    message = folder / "message.json"
    os.environ[MESSAGE] = str(message)
    async with AsyncExitStack() as stack:
        (folder / "0").mkdir()
        with on_load_core():
            house = await build_house(folder / "0", listeners)
        plays: list[Play] = []
        for number, (name, command) in enumerate(_sides()):
            place = folder / str(number)
            place.mkdir(exist_ok=True)
            plays.append(await _stage(stack, name, [Server(place, command)], house))
            if not number:
                message.write_bytes(plays[0].audience.members[0].latest)
        for number, name in enumerate(ON_POSTGRES, 1):
            place = folder / f"postgres{number}"  # no space: pg_ctl takes none
            place.mkdir()
            postgres = stack.enter_context(postgres_in(place))
            with on_load_core():
                house = await build_house(place, listeners, postgres.url)
            servers = [Server(place, SERVE, postgres.url) for _ in range(number)]
            plays.append(await _stage(stack, name, servers, house, postgres))
        size = message.stat().st_size
        print(f"{size} bytes a talk to {listeners:,} listeners; {rounds} rounds of {seconds:g} s each\n")
        with on_load_core():
            await _take_turns(plays, rounds, seconds)
    print(tell_fan_out([play.stage for play in plays]))


async def _stage(
    stack: AsyncExitStack, name: str, servers: list[Server], house: House, postgres: Postgres | None = None
) -> Play:
    """Start servers, each on another core, and let everybody come to them."""
    for number, (server, core) in enumerate(zip(servers, cores() or (None, None), strict=False)):
        server.log = server.folder / f"{name} {number}.log"
        stack.push_async_callback(server.stop)
        with on_core(core):
            await server.start()
    audience = Audience([server.url for server in servers], house.id)
    stack.callback(audience.close)
    play = Play(servers, Stage(name), audience, house, postgres)
    with on_load_core():
        await play.gather()
    return play


async def _take_turns(plays: list[Play], rounds: int, seconds: float) -> None:
    gc.collect()
    gc.freeze()
    for round_ in range(rounds + 1):
        # The first round warms everything up and isn't counted; each begins with another side.
        at = round_ % len(plays)
        for play in plays[at:] + plays[:at]:
            alone = await play.take_turn(1, seconds * ALONE)
            burst = await play.take_turn(BURST, seconds * (1 - ALONE))
            if round_:
                play.stage.alone.append(alone)
                play.stage.bursts.append(burst)


def _sides() -> list[tuple[str, tuple[str, ...]]]:
    """Name the servers and how each is started: chatgraph first, whose words those that aren't chatgraph repeat."""
    peers = "tests.benchmarks.peers"
    sides = [
        ("chatgraph", SERVE),
        (FLOOR, ("-m", f"{peers}.floor")),
        ("uvicorn, ASGI send to each", ("-m", f"{peers}.bare")),
    ]
    if missing := node.missing():
        print(f"{MERCURIUS} is left out: {missing}.")
        return sides
    return [*sides, (MERCURIUS, ("-m", f"{peers}.node", "mercurius.mjs"))]
