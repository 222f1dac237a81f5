"""Several processes on one socket: who dies is replaced, who is replaced is missed by nobody, and all end together."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import psutil
import pytest

from chatgraph.server.workers import bound
from tests.cli.conftest import Run
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


def first_of(workers: list[psutil.Process]) -> psutil.Process:
    return min(workers, key=lambda one: (one.create_time(), one.pid))


@pytest.mark.postgresql
async def test_all_are_replaced_once_more_when_that_is_asked_for_meanwhile_however_often(
    supervised: Supervised,
) -> None:
    seen: set[int] = set()

    def look() -> int:
        running = {one.pid for one in supervised.workers()}
        seen.update(running)
        return len(running)

    supervised.process.send_signal(signal.SIGHUP)
    await until(lambda: look() == 3)
    supervised.process.send_signal(signal.SIGHUP)
    await until(lambda: look() == 3 and len(seen) == 4)  # it is the second one's turn, for the first time
    supervised.process.send_signal(signal.SIGHUP)
    for begun in (5, 6):
        await until(lambda begun=begun: look() > 0 and len(seen) >= begun)
    await until(lambda: look() == 2)
    first_of(supervised.workers()).kill()  # what would be replaced for a third time were so while this is
    await until(lambda: look() == 2 and len(seen) >= 7)
    assert len(seen) == 7
    assert await supervised.answers()


@pytest.mark.postgresql
async def test_the_place_of_one_that_dies_while_it_is_replaced_is_taken_by_one_alone(
    supervised: Supervised,
) -> None:
    before = set(supervised.workers())
    supervised.process.send_signal(signal.SIGHUP)
    await until(lambda: len(supervised.workers()) == 3)
    first_of(list(before)).kill()
    await until(lambda: len(supervised.workers()) == 2 and before.isdisjoint(supervised.workers()))
    assert await supervised.answers()


async def test_who_is_told_to_stop_before_the_first_worker_is_ready_does_so_at_once(tmp_path: Path) -> None:
    asked = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        with contextlib.closing(writer):
            await reader.read(-1)

    silent = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "chatgraph", "serve", "--port", "0", "--workers", "2"),
        env=environment(f"postgresql+asyncpg://chatgraph@127.0.0.1:{port}/chatgraph"),
        cwd=tmp_path,
    )
    async with silent, asyncio.timeout(PATIENCE):
        await asked.wait()
        [first] = psutil.Process(process.pid).children()
        process.terminate()
        assert await process.wait() == 0
        assert not first.is_running()


@pytest.mark.parametrize("host", ["127.0.0.1", "::"])
async def test_one_socket_for_several_takes_what_that_of_one_server_takes(host: str) -> None:
    only_ipv6 = (socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)
    alone = await asyncio.get_running_loop().create_server(asyncio.Protocol, host, 0)
    async with alone:
        with contextlib.closing(bound(host, 0)) as listener:
            assert listener.family is alone.sockets[0].family
            if host == "::":
                assert listener.getsockopt(*only_ipv6) == alone.sockets[0].getsockopt(*only_ipv6) == 1


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--database", "foo"], "The database address must look like sqlite+aiosqlite:///chatgraph.db"),
        (
            ["--database", "postgresql+asyncpg://a@h/b", "--host", "192.0.2.1"],
            "192.0.2.1 can't be listened on",
        ),
    ],
)
def test_what_several_workers_cannot_begin_with_is_said_in_one_line(
    run: Run, words: list[str], reason: str
) -> None:
    result = run("serve", "--workers", "2", *words)
    assert result.exit_code in {1, 2}
    assert result.stderr.startswith(reason)
    assert result.stderr.count("\n") == 1


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
