"""`chatgraph serve --workers`: several server processes on one socket, each started again when it dies."""

import asyncio
import os
import signal
import socket
import sys
from contextlib import suppress

import typer

PATIENCE_SECONDS = 60  # for a worker to stop: longer than it takes one by itself
# One that dies again and again begins again after ever longer pauses.
SHORT_LIFE_SECONDS, LONGEST_PAUSE_SECONDS = 10, 30


class Lifeline:
    """What ties a worker to who started it: the worker says on it that it is ready, and stops when its other end is gone."""

    def __init__(self, descriptor: int) -> None:
        self._line = socket.socket(fileno=descriptor)
        self._line.setblocking(False)

    def say_ready(self) -> None:
        """Say that requests are answered, and stop as for SIGTERM once nobody is there any more."""
        self._line.send(b"!")
        asyncio.get_running_loop().add_reader(self._line, self._end)

    def _end(self) -> None:
        asyncio.get_running_loop().remove_reader(self._line)
        os.kill(os.getpid(), signal.SIGTERM)


class Worker:
    """One server process, listening on *listener*."""

    def __init__(self, listener: socket.socket, *, introduces: bool) -> None:
        self._listener, self._introduces = listener, introduces
        self._ours, self._theirs = socket.socketpair()
        self._ours.setblocking(False)
        self.process: asyncio.subprocess.Process

    async def start(self) -> None:
        """Start it, with the settings that are in the environment."""
        descriptors = self._listener.fileno(), self._theirs.fileno()
        asked = ["--socket", str(descriptors[0]), "--lifeline", str(descriptors[1])]
        asked += ["--introduce"] if self._introduces else []
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "chatgraph", "serve", *asked, pass_fds=descriptors
        )
        self._theirs.close()

    async def is_ready(self) -> bool:
        """Wait until it answers requests; False: it ended before."""
        with suppress(OSError):
            return await asyncio.get_running_loop().sock_recv(self._ours, 1) == b"!"
        return False

    async def stop(self) -> None:
        """Have it finish what is under way; end it, if that takes too long."""
        if self.process.returncode is None:
            self.process.terminate()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self.process.wait()
        except TimeoutError:
            self.process.kill()
        self._ours.close()


class Workers:
    """
    So many workers on one socket.

    SIGTERM and SIGINT stop them; SIGHUP replaces one after the other, the new one ready before the old one stops. When
    it comes while they are replaced, all are once more after that, however often it came.
    """

    def __init__(self, count: int, listener: socket.socket) -> None:
        self._count, self._listener = count, listener
        self._workers: list[Worker] = []
        self._running: set[Worker] = set()  # those without a seat too: not ready yet, or stopping
        self._told_to_replace = asyncio.Event()

    async def run(self) -> int:
        """Run until told to stop. Gives the exit code: not 0 where no worker could begin."""
        loop, told_to_stop = asyncio.get_running_loop(), asyncio.Event()
        for told in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(told, told_to_stop.set)
        loop.add_signal_handler(signal.SIGHUP, self._told_to_replace.set)
        working, stopping = asyncio.create_task(self._work()), asyncio.create_task(told_to_stop.wait())
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        working.cancel()
        stopping.cancel()
        await asyncio.wait({working, stopping})
        await asyncio.gather(*(self._stop(worker) for worker in list(self._running)))
        return 0 if told_to_stop.is_set() else working.result()

    async def _work(self) -> int:
        """Begin all, and see to them until that is cancelled. Gives the exit code of the first, if it didn't begin."""
        first = await self._begin(introduces=True)
        if not await first.is_ready():
            return await first.process.wait() or 1
        self._workers = [first, *[await self._begin() for _ in range(self._count - 1)]]
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._replace_when_told())
            for seat in range(self._count):
                tasks.create_task(self._keep(seat))
        return 0

    async def _begin(self, *, introduces: bool = False) -> Worker:
        worker = Worker(self._listener, introduces=introduces)
        await worker.start()
        self._running.add(worker)
        return worker

    async def _stop(self, worker: Worker) -> None:
        await worker.stop()
        self._running.discard(worker)

    async def _keep(self, seat: int) -> None:
        """Start another worker whenever one dies that wasn't replaced."""
        clock, pause = asyncio.get_running_loop().time, 1.0
        while True:
            worker, began = self._workers[seat], clock()
            code = await worker.process.wait()
            if worker is not self._workers[seat]:
                continue
            typer.secho(f"A worker ended with {code}; another one takes its place.", fg="red", err=True)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS) if clock() - began < SHORT_LIFE_SECONDS else 1.0
            await asyncio.sleep(pause - 1)
            if worker is self._workers[seat]:
                with suppress(OSError):  # then it is tried again, after a longer pause
                    await self._seat(await self._begin(), seat, worker)

    async def _replace_when_told(self) -> None:
        while await self._told_to_replace.wait():
            self._told_to_replace.clear()
            await self._replace_all()

    async def _replace_all(self) -> None:
        for seat in range(self._count):
            old, new = self._workers[seat], None
            with suppress(OSError):
                new = await self._begin()
            if new is None or not await new.is_ready():
                typer.secho(
                    "A new worker did not begin; the others are left as they are.", fg="red", err=True
                )
                if new is not None:
                    await self._stop(new)
                return
            await self._seat(new, seat, old)

    async def _seat(self, new: Worker, seat: int, old: Worker) -> None:
        """Put a new worker in the place of an old one; if another has taken it meanwhile, that one stays."""
        if self._workers[seat] is old:
            self._workers[seat] = new
            await self._stop(old)
        else:
            await self._stop(new)


def bound(host: str, port: int) -> socket.socket:
    """
    Give a socket at an address, on which nobody listens yet.

    As with one server, `::` takes IPv6 alone: clients of IPv4 would come as `::ffff:…`, which no trusted proxy is named.
    Raises `OSError` where that can't be had.
    """
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if listener.family is socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((host, port))
    except BaseException:
        listener.close()
        raise
    return listener
