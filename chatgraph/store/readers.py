"""
Readers: the few connections that read, each for one snapshot at a time.

Whoever comes in the turn of the event loop in which a snapshot was begun may read on in it, once it is free: what they
wait for arrived before that turn, and so did all that they can know to be committed.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import perf_counter

from chatgraph.deadlines import within
from chatgraph.errors import Unavailable
from chatgraph.store.connections import TransactionalConnection
from chatgraph.turns import Turns

# What is read on the event loop never waits: after so long in one turn of it, others go first.
SECONDS_A_TURN = 0.005
# How long those who still read are waited for at the end.
LAST_SECONDS = 1.0


class Readers:
    """At most *most* connections, opened when they are first wanted; whoever finds none free waits for *patience* s."""

    def __init__(
        self, connect: Callable[[], Awaitable[TransactionalConnection]], most: int, patience: float = 5
    ) -> None:
        self.most, self.patience = most, patience
        self.in_use = 0
        self._turn_ends: float | None = None
        self._connect = connect
        self._free = Turns(most)
        self._idle: list[TransactionalConnection] = []
        self._begun: list[TransactionalConnection] = []  # in this turn
        self._left: list[TransactionalConnection] = []  # of those, the ones that are free
        self._closing: set[asyncio.Task[None]] = set()
        self._closed = False

    async def join(self) -> TransactionalConnection:
        """Give a connection that reads a snapshot begun in this turn, until it is given back. Raises `Unavailable`."""
        await self._let_others_go_first()
        if not self._left:
            return await self._begin()
        self.in_use += 1
        return self._left.pop()

    async def take(self) -> TransactionalConnection:
        """
        Give a connection that reads a snapshot of its own until it is given back. Raises `Unavailable`.

        Nobody reads on in one that was begun before it: what this one tells may not be in that.
        """
        await self._let_others_go_first()
        connection = await self._begin()
        self._end_left()
        return connection

    async def _begin(self) -> TransactionalConnection:
        if not self._free.take():
            await self._wait()
        connection: TransactionalConnection | None = None
        try:
            connection = self._take_idle() or await self._connect()
            connection.begin()
        except BaseException:
            self._free.leave()
            if connection is not None:
                self._let_go(connection)
            raise
        self.in_use += 1
        self._begun.append(connection)
        if self._turn_ends is None:
            self._turn_ends = perf_counter() + SECONDS_A_TURN
            asyncio.get_running_loop().call_soon(self._turn)
        return connection

    def give_back(self, connection: TransactionalConnection) -> None:
        """Leave a connection to who comes next, its snapshot too if it is of this turn."""
        self.in_use -= 1
        if connection in self._begun and connection.usable:
            self._left.append(connection)
        else:
            self._end(connection)

    def _end(self, connection: TransactionalConnection) -> None:
        """End a connection's snapshot, and keep it for who comes next."""
        self._free.leave()
        if connection.usable:
            connection.end()
        if connection.usable and not self._closed:
            self._idle.append(connection)
        else:
            self._let_go(connection)

    async def close(self) -> None:
        """Let nobody begin any more, and close all connections; one that is in use for long, once it is given back."""
        if self._closed:
            return
        self._closed = True
        self._end_left()
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_SECONDS):
                for _ in range(self.most):
                    if not self._free.take():
                        await self._free.wait()
        idle, self._idle = self._idle, []
        await asyncio.gather(*(connection.close() for connection in idle), *self._closing)

    def _take_idle(self) -> TransactionalConnection | None:
        """Give one that is idle, but none that was lost meanwhile, as by a restart of the database."""
        while self._idle:
            connection = self._idle.pop()
            if connection.usable:
                return connection
            self._let_go(connection)
        return None

    async def _let_others_go_first(self) -> None:
        if self._turn_ends is not None and perf_counter() > self._turn_ends:
            await asyncio.sleep(0)

    async def _wait(self) -> None:
        try:
            await within(self.patience, self._free.wait())
        except TimeoutError:
            raise Unavailable("Too many queries are waiting to be read.") from None

    def _turn(self) -> None:
        self._turn_ends = None
        self._end_left()

    def _end_left(self) -> None:
        """End the snapshots that were left, and let no other be left that was begun until now."""
        self._begun.clear()
        while self._left:
            self._end(self._left.pop())

    def _let_go(self, connection: TransactionalConnection) -> None:
        """Close a connection that can't be used again, without waiting for it."""
        task = asyncio.create_task(connection.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
