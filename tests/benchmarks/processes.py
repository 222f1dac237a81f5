"""The measured processes: on which core they run, what time of it they use, and what their writer counted."""

import asyncio
import os
import platform
import re
import signal
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

from tests.faults.server import Server

_COUNTED = re.compile(r"writer: (\d+) (\d+)\.")


def cores() -> tuple[int, int] | None:
    """Give the core for the server and the core for the load; None where the system gives no choice."""
    if not hasattr(os, "sched_getaffinity"):
        return None
    allowed = sorted(os.sched_getaffinity(0))
    return (allowed[0], allowed[-1]) if len(allowed) > 1 else None


@contextmanager
def on_core(core: int | None) -> Iterator[None]:
    """Run on one core, as will every process that is started meanwhile, with all its threads."""
    if core is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@asynccontextmanager
async def served(folder: Path, command: tuple[str, ...], copied: Path | None = None) -> AsyncIterator[Server]:
    """Run a server on its core, in a folder of its own, at first with a copy of the database *copied*; end it at last."""
    for_server, _ = cores() or (None, None)
    server = Server(folder, command)
    _furnish(server, copied)
    try:
        with on_core(for_server):
            await server.start()
        yield server
    finally:
        await server.stop()


def _furnish(server: Server, copied: Path | None) -> None:
    server.folder.mkdir(exist_ok=True)
    if copied is not None:
        with closing(sqlite3.connect(copied)) as source, closing(sqlite3.connect(server.database)) as target:
            source.backup(target)


@contextmanager
def on_load_core() -> Iterator[None]:
    """Run on the core of the load. Servers are started outside of it."""
    _, for_load = cores() or (None, None)
    with on_core(for_load):
        yield


def cpu_seconds(server: Server) -> float:
    """Give the time that all threads of a server have computed so far; 0 where the system doesn't tell."""
    if platform.system() != "Linux":
        return 0.0
    # The clock of another process, made of its id (clock_getcpuclockid(3)); /proc tells hundredths of a second alone.
    return time.clock_gettime(~server.process.pid << 3 | 2)


def resident_bytes(server: Server) -> int:
    """Give how much memory a server holds; 0 where the system doesn't tell (proc(5))."""
    told = Path(f"/proc/{server.process.pid}/statm")
    return int(told.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if told.exists() else 0


async def written(server: Server) -> tuple[int, int]:
    """Ask a counted server how many commits it made, and of how many changes. Raises `RuntimeError` if it doesn't say."""
    told = len(_COUNTED.findall(server.log.read_text()))
    server.process.send_signal(signal.SIGUSR1)
    for _ in range(500):
        await asyncio.sleep(0.01)
        found = _COUNTED.findall(server.log.read_text())
        if len(found) > told:
            return int(found[-1][0]), int(found[-1][1])
    raise RuntimeError("The server does not say what its writer counted.")
