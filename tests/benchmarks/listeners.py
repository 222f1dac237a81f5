"""The listeners: WebSockets on raw connections, of whose frames only the headers are looked at."""

import asyncio
import time
from collections.abc import Callable, Sequence
from itertools import cycle
from urllib.parse import urlsplit

import orjson

from tests.benchmarks.peers.floor import frame

SUBSCRIPTION = """
subscription ($house: ID!) {
  houseEvents(houseId: $house) { cursor ... on TalkPosted { talk { seq content creator { username } } } }
}
"""
HANDSHAKE = (
    b"GET /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)
TEXT, CLOSE, PING, PONG = 0x81, 0x88, 0x89, 0x8A
AT_ONCE = 50  # handshakes
PATIENCE = 30  # seconds


class Audience:
    """All who listen to one house, at each of its servers as many, and when the first and the last of them heard."""

    def __init__(self, urls: Sequence[str], house: str) -> None:
        self.members: list[Listener] = []
        self.first = self.last = 0.0
        self._broken = ""
        self._addresses = cycle([urlsplit(url) for url in urls])
        asked = {"query": SUBSCRIPTION, "variables": {"house": house}}
        self._subscribe = _message({"id": "1", "type": "subscribe", "payload": asked})
        self.heard = self.awaited = self._mark = 0
        self._all: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def grow(self, tokens: list[str]) -> None:
        """Let one more listen for each token. Raises `RuntimeError` when they may not."""
        for start in range(0, len(tokens), AT_ONCE):
            await asyncio.gather(*(self._enter(token) for token in tokens[start : start + AT_ONCE]))

    def await_talks(self, count: int) -> "asyncio.Future[None]":
        """Forget what was heard, and give what is done once everybody has heard so many talks more."""
        self.heard, self._mark, self.awaited = 0, 1, count * len(self.members)
        self._all = asyncio.get_running_loop().create_future()
        if self._broken:
            self._all.set_exception(RuntimeError(self._broken))
        return self._all

    def count(self, frames: int) -> None:
        """Count what a member heard."""
        self.heard += frames
        if self.heard >= self._mark:
            self._reach()

    def fail(self, why: str) -> None:
        """Tell whoever waits, or will, that a member can't hear."""
        self._broken = self._broken or why
        if not self._all.done():
            self._all.set_exception(RuntimeError(why))

    def check(self, talks: int) -> None:
        """Raises `RuntimeError` unless everybody has heard so many talks since the last check, and nothing else."""
        for member in self.members:
            if member.heard != talks:
                raise RuntimeError(f"A listener heard {member.heard} talks of {talks}.")
            member.check()
            member.heard = 0

    def all_heard(self) -> bool:
        """
        Tell whether everybody has heard a talk by now; from here on they count anew. Raises `RuntimeError`.

        Who was refused because too many came at once tries again.
        """
        deaf = 0
        for member in self.members:
            if b'"UNAVAILABLE"' in member.latest:
                member.transport.write(self._subscribe)
                member.heard, member.latest = 0, b""
            if member.heard:
                member.check()
            else:
                deaf += 1
            member.heard = 0
        return not deaf

    async def fall_silent(self, seconds: float) -> None:
        """Wait until nobody has heard anything for so long."""
        before = -1
        while before != self.heard:
            before = self.heard
            await asyncio.sleep(seconds)

    def close(self) -> None:
        """Hang up."""
        self._all.cancel()
        for member in self.members:
            member.transport.abort()

    def _reach(self) -> None:
        if self._mark == 1:
            self.first = time.perf_counter()
            self._mark = self.awaited
        if self.heard >= self._mark:
            self.last = time.perf_counter()
            if not self._all.done():
                self._all.set_result(None)

    async def _enter(self, token: str) -> None:
        init = _message({"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}})
        ready = asyncio.get_running_loop().create_future()
        address = next(self._addresses)
        _, member = await asyncio.get_running_loop().create_connection(
            lambda: Listener(self.count, self.fail, ready, init, self._subscribe),
            address.hostname or "127.0.0.1",
            address.port or 80,
        )
        await asyncio.wait_for(ready, PATIENCE)
        self.members.append(member)


class Listener(asyncio.Protocol):
    """One WebSocket: it says what it must, and counts frames from then on."""

    transport: asyncio.Transport

    def __init__(
        self,
        count: Callable[[int], None],
        fail: Callable[[str], None],
        ready: asyncio.Future[None],
        init: bytes,
        subscribe: bytes,
    ) -> None:
        self.heard = 0
        self.latest = b""
        self._count, self._fail, self._ready = count, fail, ready
        self._says = [init, subscribe]
        self._kept = b""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.transport = transport
        transport.write(HANDSHAKE)

    def data_received(self, data: bytes) -> None:
        if self._says:
            self._open(data)
            return
        if self._kept:
            data, self._kept = self._kept + data, b""
        at, end, frames = 0, len(data), 0
        while end - at >= 2:
            size, head = data[at + 1], 2
            if size == 126 and end - at >= 4:
                size, head = data[at + 2] << 8 | data[at + 3], 4
            if end < at + head + size:
                break
            if data[at] == TEXT:
                frames += 1
                self.latest = data[at + head : at + head + size]
            else:
                self._control(data[at], data[at + head : at + head + size])
            at += head + size
        if at < end:
            self._kept = data[at:]
        if frames:
            self.heard += frames
            self._count(frames)

    def check(self) -> None:
        """Raises `RuntimeError` when what was heard last isn't a talk."""
        if b'"next"' not in self.latest or b'"errors"' in self.latest:
            raise RuntimeError(f"A listener heard no talk, but {self.latest!r}.")

    def connection_lost(self, exc: Exception | None) -> None:
        self._break(f"A listener was cut off: {exc}.")

    def _open(self, data: bytes) -> None:
        self._kept += data
        if len(self._says) == 2 and b"\r\n\r\n" in self._kept:
            if not self._kept.startswith(b"HTTP/1.1 101"):
                self._break(f"No WebSocket: {self._kept[:500]!r}")
            self.transport.write(self._says.pop(0))
            self._kept = b""
        elif len(self._says) == 1 and b'"connection_ack"' in self._kept:
            self.transport.write(self._says.pop())
            self._kept = b""
            if not self._ready.done():
                self._ready.set_result(None)

    def _control(self, kind: int, payload: bytes) -> None:
        if kind == PING:
            self.transport.write(_masked(PONG, payload))
        elif kind == CLOSE:
            self._break(f"A listener was sent away: {payload[2:].decode()}")
        elif kind != PONG:
            self._break(f"A frame of a kind that isn't understood: {kind:#x}.")

    def _break(self, why: str) -> None:
        if not self._ready.done():
            self._ready.set_exception(RuntimeError(why))
        self._fail(why)


def _message(said: object) -> bytes:
    return _masked(TEXT, orjson.dumps(said))


def _masked(kind: int, payload: bytes) -> bytes:
    """Frame what a client says: masked, as it must be, with zeros, which change nothing."""
    framed = frame(payload)
    head = 2 if len(payload) < 126 else 4
    return bytes((kind, framed[1] | 0x80)) + framed[2:head] + b"\0\0\0\0" + payload
