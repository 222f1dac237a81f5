"""A crowd of listeners, each of whom connects again and goes on after the last cursor, as a client library does."""

import asyncio
import random
from contextlib import suppress

from websockets.exceptions import WebSocketException

from tests.cast import Actor
from tests.live.listeners import Listener

PATIENCE = 60


class Crowd:
    """*count* listeners to a house, who are the devices of a few users."""

    def __init__(self, url: str, house: str, users: list[Actor], count: int) -> None:
        self._listeners = [Listener(url, users[n % len(users)].token, house) for n in range(count)]
        self._keeping: list[asyncio.Task[None]] = []

    @property
    def told(self) -> int:
        """How many events arrived."""
        return sum(len(listener.told) for listener in self._listeners)

    @property
    def resumed(self) -> int:
        """How often a listener went on by another socket."""
        return sum(listener.resumed for listener in self._listeners)

    @property
    def resyncs(self) -> int:
        """How often one was told that something may be missing."""
        return sum(one.kind == "Resync" for listener in self._listeners for one in listener.told)

    async def gather(self, cursor: str) -> None:
        """Have everybody listen from a cursor on."""
        for listener in self._listeners:
            listener.after = cursor
            await listener.connect()
        self._keeping = [asyncio.create_task(self._keep(listener)) for listener in self._listeners]

    async def catch_up(self, seq: int) -> None:
        """Wait until everybody was told of a position in the journal, then leave."""
        with suppress(TimeoutError):  # what is missing is counted
            await asyncio.gather(*(one.until_seq(seq, PATIENCE) for one in self._listeners))
        for task in self._keeping:
            task.cancel()
        await asyncio.gather(*self._keeping, return_exceptions=True)
        await asyncio.gather(*(listener.drop() for listener in self._listeners))

    def compare(self, expected: list[tuple[int, int]]) -> tuple[int, int, int]:
        """Count what was missed and what was repeated of the talks at (seq, id), and who was told out of order."""
        missed = repeated = disordered = 0
        for listener in self._listeners:
            got = [(one.seq, one.data["talk"]["databaseId"]) for one in listener.told if "talk" in one.data]
            missed += len(set(expected) - set(got))
            repeated += len(got) - len(set(got) & set(expected))
            disordered += not listener.in_order
        return missed, repeated, disordered

    async def _keep(self, listener: Listener) -> None:
        while True:
            await listener.until(lambda: listener.end is not None, None)
            while not await _resume(listener):
                pass


async def _resume(listener: Listener) -> bool:
    """Connect again after a moment, and give whether that was taken."""
    await asyncio.sleep(random.uniform(0.05, 0.5))
    try:
        await listener.resume()
    except (OSError, WebSocketException, TimeoutError):
        return False
    return True
