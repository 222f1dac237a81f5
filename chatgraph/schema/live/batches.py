"""Events as they are told: written out once, and framed once for all sockets that gave their operation the same id."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple, Protocol


class Written(NamedTuple):
    """An event in JSON, at its place in the journal."""

    seq: int
    payload: bytes


class Told(NamedTuple):
    """What was written of a stretch of the journal, and the position that it comes to."""

    events: list[Written]
    seq: int


class Batch:
    """What a feed read at once, oldest first."""

    __slots__ = ("_framed", "events")

    def __init__(self, events: list[Written]) -> None:
        self.events = events
        self._framed: dict[bytes, bytes] = {}

    def after(self, seq: int) -> "Batch":
        """Give what of it is later."""
        if not self.events or self.events[0].seq > seq:
            return self
        return Batch([written for written in self.events if written.seq > seq])

    def framed(self, head: bytes, frame: Callable[[bytes], bytes]) -> bytes:
        """Give all of it as frames, each a message that begins with *head*."""
        if (framed := self._framed.get(head)) is None:
            framed = b"".join([frame(head + written.payload + b"}") for written in self.events])
            self._framed[head] = framed
        return framed


class Sink(Protocol):
    """Where a listener's events go."""

    async def send(self, payload: bytes) -> None:
        """Send one event, waiting until it can be."""
        ...

    def send_now(self, batch: Batch) -> bool:
        """Send a batch at once, without waiting; False: nothing of it was sent."""
        ...


class Slow:
    """A sink that always waits."""

    def __init__(self, send: Callable[[bytes], Awaitable[None]]) -> None:
        self._send = send

    async def send(self, payload: bytes) -> None:
        """Send one event."""
        await self._send(payload)

    def send_now(self, batch: Batch) -> bool:
        """Send nothing."""
        return False
