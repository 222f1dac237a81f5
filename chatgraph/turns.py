"""Taking turns: a semaphore that costs next to nothing where nobody has to wait."""

import asyncio
from collections import deque


class Turns:
    """
    So many at a time at most, the others in the order in which they came.

    A turn that is left goes to who waits for it at once, so that nobody who comes meanwhile can take it:

        if not turns.take():
            await turns.wait()
        try:
            ...
        finally:
            turns.leave()
    """

    __slots__ = ("_free", "_waiting")

    def __init__(self, most: int = 1) -> None:
        self._free = most
        self._waiting: deque[asyncio.Future[None]] | None = None

    def take(self) -> bool:
        """Take a turn, if one is free."""
        if not self._free:
            return False
        self._free -= 1
        return True

    async def wait(self) -> None:
        """Wait for a turn that somebody leaves."""
        if self._waiting is None:
            self._waiting = deque()
        given: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(given)
        try:
            await given
        except asyncio.CancelledError:
            if not given.cancelled():
                self.leave()  # it was given in the same moment
            raise

    def leave(self) -> None:
        """Leave a turn to who has waited longest."""
        waiting = self._waiting
        while waiting:
            given = waiting.popleft()
            if not given.done():  # else its task was cancelled
                given.set_result(None)
                return
        self._free += 1
