"""Several processes on one socket: who dies is replaced, who is replaced is missed by nobody, and all end together."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import psutil
import pytest

from tests.conftest import SECRET

PATIENCE = 60


async def until(condition: Callable[[], bool]) -> None:
    """Look at other processes until something is so of them."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 -- other processes set no event
            await asyncio.sleep(0.02)  # to look costs more than to wait


class Supervised:
    """`chatgraph serve --workers 2`, and the processes that it starts."""

    def __init__(self, process: asyncio.subprocess.Process, url: str) -> None:
        self.process, self.url = process, url

    def workers(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children()

    async def answers(self) -> bool:
        """Tell whether a request on a connection of its own is answered."""
        async with httpx.AsyncClient(base_url=self.url, timeout=PATIENCE) as http:
            return (await http.get("/readyz")).status_code == 200


def environment(database_url: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CHATGRAPH_")}
    return kept | {"CHATGRAPH_DATABASE_URL": database_url, "CHATGRAPH_SECRET_KEY": SECRET}


@pytest.fixture
async def supervised(database_url: str, tmp_path: Path) -> AsyncIterator[Supervised]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "chatgraph", "serve", "--port", "0", "--workers", "2"),
        env=environment(database_url),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        line = (await process.stdout.readline()).decode()
        started = Supervised(process, line.split()[-1])
        await until(lambda: len(started.workers()) == 2)
        yield started
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


@pytest.mark.postgresql
async def test_a_worker_that_dies_is_replaced_and_one_that_is_replaced_is_missed_by_nobody(
    supervised: Supervised,
) -> None:
    first = set(supervised.workers())
    next(iter(first)).kill()
    await until(lambda: len({one.pid for one in supervised.workers()} - {one.pid for one in first}) == 1)
    assert await supervised.answers()
    before = {one.pid for one in supervised.workers()}
    supervised.process.send_signal(signal.SIGHUP)
    while before & {one.pid for one in supervised.workers()}:
        assert await supervised.answers()
    gone = supervised.workers()
    supervised.process.terminate()
    assert await supervised.process.wait() == 0
    assert not [one for one in gone if one.is_running()]


@pytest.mark.postgresql
async def test_workers_end_when_who_started_them_is_gone(supervised: Supervised) -> None:
    workers = supervised.workers()
    while not await supervised.answers():
        pass
    supervised.process.kill()
    await supervised.process.wait()
    await until(lambda: not [one for one in workers if one.is_running()])


async def test_sqlite_takes_one_process_and_says_why(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "chatgraph", "serve", "--workers", "2"),
        env=environment(f"sqlite+aiosqlite:///{tmp_path / 'chat.db'}"),
        stderr=asyncio.subprocess.PIPE,
    )
    _, told = await process.communicate()
    assert process.returncode == 2
    assert told.decode().startswith("SQLite is written by one process alone")
    assert not os.listdir(tmp_path)
