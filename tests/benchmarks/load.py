"""The load: many HTTP/1.1 connections, each of which sends its next request when the last one is answered."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

OPENING = b'{"data"'


@dataclass
class Load:
    """
    What came of it: every request's *latencies*, in seconds, and how long all of them took together.

    *computed* are the seconds of CPU time that the load itself took.
    """

    latencies: list[float] = field(default_factory=list)
    seconds: float = 0.0
    computed: float = 0.0

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """Give the latency that *share* of the requests stayed below."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def encode(path: str, body: bytes, token: str) -> bytes:
    """Write a POST request to its last byte."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nAccept: application/json\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def encode_get(path: str, token: str) -> bytes:
    """Write a GET request to its last byte."""
    return (
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nAccept: application/json\r\n\r\n"
    ).encode()


def find_body(received: bytearray) -> int | None:
    """Give where the body begins of an answer that has come whole; None while some of it is missing."""
    head = received.find(b"\r\n\r\n")
    if head < 0:
        return None
    fields = bytes(received[:head]).lower()
    length = fields.find(b"content-length:")
    if length < 0:
        # In chunks, the first of which begins after its size. JSON has no line ends of its own.
        whole = received.endswith(b"\r\n0\r\n\r\n")
        return received.index(b"\r\n", head + 4) + 2 if whole else None
    size = int(fields[length + 15 :].partition(b"\r\n")[0])
    return head + 4 if len(received) >= head + 4 + size else None


def refusal(received: bytearray, body: int, opening: bytes = OPENING) -> RuntimeError | None:
    """Tell of an answer that isn't 200, or doesn't begin as a right one does; None for one that is right."""
    if received.startswith(b"HTTP/1.1 200") and received.startswith(opening, body):
        return None
    return RuntimeError(f"Not an answer: {bytes(received[:2000])!r}")


async def ask(url: str, request: bytes) -> bytes:
    """Send one request, and give the body of its answer. Raises `RuntimeError` for one that isn't 200."""
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(request)
    received = bytearray()
    while (body := find_body(received)) is None:
        more = await asyncio.wait_for(reader.read(65536), 30)
        if not more:
            raise RuntimeError(f"Half an answer: {bytes(received[:2000])!r}")
        received += more
    writer.close()
    if failure := refusal(received, body, b""):
        raise failure
    head = received.index(b"\r\n\r\n") + 4
    return bytes(received[body:]) if body == head else _join_chunks(received[head:])


def _join_chunks(chunked: bytearray) -> bytes:
    joined, at = b"", 0
    while size := int(chunked[at : (start := chunked.index(b"\r\n", at) + 2)], 16):
        joined += chunked[start : start + size]
        at = start + size + 2
    return joined


async def drive(
    url: str,
    clients: int,
    seconds: float,
    request: Callable[[], bytes],
    opening: bytes = OPENING,
    every: float = 0.0,
) -> Load:
    """
    Send what *request* gives, over *clients* connections, for so many *seconds*, and wait for the last answer.

    Each connection sends the next when the last one is answered; or *every* so many seconds, where that is later, each
    at a moment of its own.

    Raises `RuntimeError` for an answer that isn't 200, or whose body doesn't begin with *opening*.
    """
    loop = asyncio.get_running_loop()
    address = urlsplit(url)
    load = Load()
    began, computed = time.perf_counter(), time.process_time()
    ends = [loop.create_future() for _ in range(clients)]
    for number, end in enumerate(ends):
        pace = Pace(every, time.perf_counter() + every * number / clients)
        await loop.create_connection(
            lambda end=end, pace=pace: Client(load, began + seconds, request, opening, end, pace),
            address.hostname or "127.0.0.1",
            address.port or 80,
        )
    await asyncio.wait_for(asyncio.gather(*ends), seconds + 30)
    load.seconds = time.perf_counter() - began
    load.computed = time.process_time() - computed
    return load


@dataclass
class Pace:
    """When a connection sends: *next*, and then *every* so many seconds, if it isn't still waiting for an answer."""

    every: float
    next: float

    def wait(self) -> float:
        """Give how long to wait before the next request."""
        now, due = time.perf_counter(), self.next
        self.next = max(due, now - self.every) + self.every
        return due - now


class Client(asyncio.Protocol):
    """One connection. Requests come encoded, and of an answer only its length and its first bytes are looked at."""

    def __init__(
        self,
        load: Load,
        until: float,
        request: Callable[[], bytes],
        opening: bytes,
        end: asyncio.Future[None],
        pace: Pace,
    ) -> None:
        self.load, self.until, self.request, self.opening, self.end = load, until, request, opening, end
        self.pace = pace
        self.received = bytearray()
        self.sent = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.transport = transport
        self._send_in_time()

    def data_received(self, data: bytes) -> None:
        self.received += data
        if (body := find_body(self.received)) is None:
            return
        if failure := refusal(self.received, body, self.opening):
            self._finish(failure)
        now = time.perf_counter()
        self.load.latencies.append(now - self.sent)
        self.received.clear()
        if now < self.until:
            self._send_in_time()
        else:
            self._finish()

    def connection_lost(self, exc: Exception | None) -> None:
        self._finish(RuntimeError("The server closed the connection.") if exc is None else exc)

    def _send_in_time(self) -> None:
        wait = self.pace.wait()
        if wait > 0:
            asyncio.get_running_loop().call_later(wait, self._send)
        else:
            self._send()

    def _send(self) -> None:
        self.sent = time.perf_counter()
        self.transport.write(self.request())

    def _finish(self, failure: Exception | None = None) -> None:
        if not self.end.done():
            self.end.set_exception(failure) if failure else self.end.set_result(None)
            self.transport.close()
