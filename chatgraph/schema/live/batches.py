"""Events as they are told: written out once, and framed once for all sockets that gave their operation the same id."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple, Protocol

# Ids of operations for which frames are kept while a batch is told: clients that count use few, others a new one each.
MOST_HEADS = 16


class Written(NamedTuple):
    """An event in JSON, at its place in the journal."""

    seq: int
    payload: bytes


class Told(NamedTuple):
    """What was written of a stretch of the journal, and the position that it comes to."""

    events: list[Written]
    seq: int


class Batch:
    """What is told at once: one event or more, oldest first, from the *first* place to the *last*."""

    __slots__ = ("_framed", "events", "first", "last")

    def __init__(self, events: list[Written]) -> None:
        self.events = events
        self.first, self.last = events[0].seq, events[-1].seq
        self._framed: dict[bytes, bytes] = {}

    def after(self, seq: int) -> "Batch | None":
        """Give what of it is later; None where nothing is."""
        if self.first > seq:
            return self
        later = [written for written in self.events if written.seq > seq]
        return Batch(later) if later else None

    def framed(self, head: bytes, frame: Callable[[bytes], bytes]) -> bytes:
        """Give all of it as frames, each a message that begins with *head*."""
        if (framed := self._framed.get(head)) is None:
            framed = b"".join([frame(b"%b%b}" % (head, written.payload)) for written in self.events])
            if len(self._framed) < MOST_HEADS:
                self._framed[head] = framed
        return framed


class Sink(Protocol):
    """Where a listener's events go, and what lets it go on when there is something to do."""

    async def send(self, payload: bytes) -> None:
        """Send one event, waiting until it can be."""
        ...

    def send_now(self, batch: Batch) -> bool:
        """Send a batch at once, without waiting; False: nothing of it was sent."""
        ...

    def wake(self) -> None:
        """See that the listener's `go_on` is called soon; it rests now."""
        ...


class Slow:
    """A sink that always waits."""

    def __init__(self, send: Callable[[bytes], Awaitable[None]]) -> None:
        self._send = send
        self._woken = asyncio.Event()

    async def send(self, payload: bytes) -> None:
        """Send one event."""
        await self._send(payload)

    def send_now(self, batch: Batch) -> bool:
        """Send nothing."""
        return False

    def wake(self) -> None:
        """Let whoever waits go on."""
        self._woken.set()

    async def follow(self, go_on: Callable[[], Awaitable[bool]]) -> None:
        """Let a listener `go_on` until it is stopped."""
        while await go_on():
            await self._woken.wait()
            self._woken.clear()


def split(events: list[Written], size: int) -> list[Batch]:
    """Make batches of events, each of about *size* bytes."""
    batches: list[Batch] = []
    part: list[Written] = []
    filled = 0
    for written in events:
        if part and filled + len(written.payload) > size:
            batches.append(Batch(part))
            part, filled = [], 0
        part.append(written)
        filled += len(written.payload)
    return [*batches, Batch(part)] if part else batches
