"""
Kill the server while clients post, again and again, and count what was lost: `python -m tests.faults.kill`.

What is promised: an acknowledged talk is stored; a talk that was sent is stored at most once, however often it is
sent; nothing else is stored; the file stays whole. How soon the server is back is told beside it.
"""

import argparse
import asyncio
import json
import random
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.driver import Driver
from tests.faults.findings import Findings, compare, compare_file
from tests.faults.postgres import Postgres, postgres_in
from tests.faults.server import SERVE, Server
from tests.faults.stored import as_left_behind, read_everything, read_file

REPEATED = 8  # acknowledged talks that are sent again after each kill


@dataclass
class Report:
    """What came of it. *seconds_to_return* are those from the start to the first answered query."""

    clients: int
    cycles: int = 0
    sent: int = 0
    acknowledged: int = 0
    stored: int = 0
    kept_unanswered: int = 0
    repeated: int = 0
    seconds_to_return: list[float] = field(default_factory=list)
    faults: Findings = field(default_factory=Findings)

    def told(self) -> dict[str, Any]:
        """Give the figures, of the seconds the median and the worst."""
        back = self.seconds_to_return
        seconds = {"median": round(statistics.median(back), 2), "worst": round(max(back), 2)}
        return asdict(self) | {"seconds_to_return": seconds}


async def kill_again_and_again(
    folder: Path,
    cycles: int,
    clients: int,
    *,
    load: tuple[float, float] = (0.0, 0.8),
    minutes: float = 60,
    command: tuple[str, ...] = SERVE,
    postgres: Postgres | None = None,
) -> Report:
    """
    Kill *cycles* times while *clients* post, and give what came of it.

    Each time they post, from the first answer on, for a random time between the two of *load*, in seconds. No cycle
    begins after *minutes*. The database is a file in *folder*, or that of *postgres*.
    """
    server, report = Server(folder, command, postgres.url if postgres else ""), Report(clients)
    deadline = time.monotonic() + minutes * 60
    async with Driver(clients) as driver:
        try:
            await server.start()
            await driver.prepare(server.url)
            while report.cycles < cycles and time.monotonic() < deadline:
                await _kill_under_load(server, driver, load)
                if postgres is None:
                    with as_left_behind(server.database) as copy:
                        report.faults.integrity += read_file(copy).integrity != "ok"
                report.seconds_to_return.append(await _return(server, driver))
                report.repeated += await driver.repeat(REPEATED)
                report.cycles += 1
            await driver.post_unanswered()
            stored = await read_everything(driver.reader, driver.rooms)
        except Exception as error:
            error.add_note(f"The server said last:\n{server.log.read_text()[-4000:]}")
            raise
        finally:
            await server.stop()
    ledger = driver.ledger
    file = read_file(server.database) if postgres is None else await postgres.look()
    report.faults += compare(ledger, stored) + compare_file(stored, file)
    report.sent, report.acknowledged, report.stored = len(ledger.sent), len(ledger.acknowledged), len(stored)
    report.kept_unanswered = ledger.kept_unanswered
    return report


async def _kill_under_load(server: Server, driver: Driver, load: tuple[float, float]) -> None:
    driver.answered.clear()
    posting = asyncio.create_task(driver.post_until_gone())
    try:
        await asyncio.wait_for(driver.answered.wait(), 30)
        await asyncio.sleep(random.uniform(*load))
        server.kill()
        await asyncio.wait_for(posting, 30)
    finally:
        posting.cancel()


async def _return(server: Server, driver: Driver) -> float:
    began = time.monotonic()
    await server.start()
    await driver.turn_to(server.url)
    return time.monotonic() - began


def main() -> int:
    """Run it from the command line. Ends with 1 where a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.kill", description=__doc__)
    parser.add_argument("--cycles", type=int, default=200, help="how often it is killed (200)")
    parser.add_argument("--clients", type=int, default=64, help="how many post at the same time (64)")
    parser.add_argument("--minutes", type=float, default=30, help="begin no cycle after so many (30)")
    parser.add_argument(
        "--postgresql", action="store_true", help="keep everything in a PostgreSQL of its own"
    )
    given = parser.parse_args()
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        postgres = opened.enter_context(postgres_in(folder)) if given.postgresql else None
        running = kill_again_and_again(
            folder, given.cycles, given.clients, minutes=given.minutes, postgres=postgres
        )
        report = asyncio.run(running)
    print(json.dumps(report.told(), indent=2))
    return 0 if report.faults.clean else 1


if __name__ == "__main__":
    sys.exit(main())
