"""
Disturb servers on one PostgreSQL while clients post and listen through nginx: `python -m tests.faults.cluster --help`.

What is promised: nothing that was acknowledged is lost, nothing is stored twice, and whoever listens and resumes misses
nothing and is told nothing twice, whichever server dies, is replaced, or loses the database or the other servers.
"""

import argparse
import asyncio
import json
import random
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from chatgraph.events.kinds import Kind
from tests.faults.crowd import Crowd
from tests.faults.findings import Findings, compare, compare_file
from tests.faults.nginx import nginx_before
from tests.faults.posters import Posters
from tests.faults.postgres import Postgres, postgres_in
from tests.faults.server import SERVE, Server
from tests.faults.stored import read_everything

BRIDGES = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'chatgraph_channel'"
)


@dataclass
class Cluster:
    """Servers on one database, the address in front of them, and how they are disturbed."""

    postgres: Postgres
    servers: list[Server]
    url: str
    turn: int = 0

    async def replace_one(self) -> None:
        """Stop one server after the other as an upgrade does, and start it again."""
        server = self._next()
        await server.stop()
        await server.start()

    async def kill_one(self) -> None:
        """Kill one server after the other, and start it again."""
        server = self._next()
        server.kill()
        await asyncio.sleep(1)
        await server.start()

    async def restart_database(self) -> None:
        """Stop the database as a crash does, and start it again."""
        await asyncio.to_thread(self.postgres.restart)

    async def cut_the_bridges(self) -> None:
        """Break the connections over which the servers hear each other."""
        await self.postgres.run(BRIDGES)

    def _next(self) -> Server:
        self.turn += 1
        return self.servers[self.turn % len(self.servers)]


DISTURBANCES: dict[str, Callable[[Cluster], Coroutine[Any, Any, None]]] = {
    "replace": Cluster.replace_one,
    "kill": Cluster.kill_one,
    "database": Cluster.restart_database,
    "bridge": Cluster.cut_the_bridges,
}


@dataclass
class Report:
    """What came of it. *seconds_to_success* is how long after each disturbance the first talk was acknowledged."""

    disturbances: list[str]
    listeners: int
    posted: int = 0
    retried: int = 0
    told: int = 0
    resumed: int = 0
    missed: int = 0
    repeated: int = 0
    out_of_order: int = 0
    resyncs: int = 0
    seconds_to_success: list[float] = field(default_factory=list)
    seconds_of_retried: list[float] = field(default_factory=list)
    faults: Findings = field(default_factory=Findings)

    @property
    def clean(self) -> bool:
        """Whether every promise was kept."""
        return self.faults.clean and not (self.missed or self.repeated or self.out_of_order or self.resyncs)

    def told_of(self) -> dict[str, Any]:
        """Give the figures, of the seconds the median, the 99th percentile and the worst."""
        given = asdict(self)
        for name in ("seconds_to_success", "seconds_of_retried"):
            values = sorted(given[name]) or [0.0]
            given[name] = {
                "median": round(statistics.median(values), 3),
                "p99": round(values[int(len(values) * 0.99) - (len(values) * 0.99 == len(values))], 3),
                "worst": round(values[-1], 3),
            }
        return given


def free_ports(count: int) -> list[int]:
    """Give ports on which nobody listens now, and none that is given to who asks for any, as other tests do meanwhile."""
    ports: set[int] = set()
    while len(ports) < count:
        with socket.socket() as one, suppress(OSError):
            one.bind(("127.0.0.1", random.randrange(10_000, 32_768)))
            ports.add(one.getsockname()[1])
    return [*ports]


@asynccontextmanager
async def cluster_in(folder: Path, postgres: Postgres, count: int) -> AsyncIterator[Cluster]:
    """Run servers behind nginx."""
    *ports, front = free_ports(count + 1)
    servers = [Server(folder, SERVE, postgres.url, port) for port in ports]
    try:
        await asyncio.gather(*(server.start() for server in servers))
        with nginx_before(ports, front, folder) as url:
            yield Cluster(postgres, servers, url)
    finally:
        for server in servers:
            await server.stop()


async def disturb(
    folder: Path, postgres: Postgres, disturbances: list[str], listeners: int, pause: float
) -> Report:
    """Disturb in these ways, *pause* seconds apart, while clients post and others listen, and give what came of it."""
    report = Report(disturbances, listeners)
    async with cluster_in(folder, postgres, 3) as cluster, Posters(cluster.url) as posters:
        await posters.prepare()
        crowd = Crowd(cluster.url, posters.house, await posters.guests(-(-listeners // 8)), listeners)
        await crowd.gather(await posters.cursor())
        posting = asyncio.create_task(posters.post())
        for disturbance in disturbances:
            await asyncio.sleep(pause)
            began = time.monotonic()
            done = asyncio.create_task(DISTURBANCES[disturbance](cluster))
            report.seconds_to_success.append(await posters.next_success(began))
            await done
        await asyncio.sleep(pause)
        posters.stop()
        await posting
        stored = await read_everything(posters.reader, posters.rooms)
        file = await postgres.look()
        [journal] = [rows for rows in file.journals.values() if len(rows) > len(posters.rooms)]
        expected = [(seq, subject) for seq, kind, subject in journal if kind == Kind.TALK_POSTED]
        await crowd.catch_up(journal[-1][0])
        report.missed, report.repeated, report.out_of_order = crowd.compare(expected)
        report.resyncs, report.resumed, report.told = crowd.resyncs, crowd.resumed, crowd.told
        report.faults = compare(posters.ledger, stored) + compare_file(stored, file)
        report.posted, report.retried = len(stored), len(posters.retried)
        report.seconds_of_retried = posters.retried
    return report


def main() -> int:
    """Run it from the command line. Ends with 1 where a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.cluster", description=__doc__)
    parser.add_argument("disturbances", nargs="+", choices=DISTURBANCES, help="in turn, so many rounds")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--listeners", type=int, default=500)
    parser.add_argument("--pause", type=float, default=2.0, help="seconds between disturbances (2)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name, postgres_in(Path(name)) as postgres:
        running = disturb(
            Path(name), postgres, given.disturbances * given.rounds, given.listeners, given.pause
        )
        report = asyncio.run(running)
    print(json.dumps(report.told_of(), indent=2))
    return 0 if report.clean else 1


if __name__ == "__main__":
    sys.exit(main())
