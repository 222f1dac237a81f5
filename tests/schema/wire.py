"""HTTP as it goes over the wire, for what no well-behaved client would send."""

import asyncio
import contextlib
from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import orjson

MEGABYTE = b" " * 2**20


class Answer(NamedTuple):
    """*headers* have small names; *closed* says whether the server ended the connection after it."""

    status: int
    headers: dict[str, str]
    body: bytes
    closed: bool

    @property
    def code(self) -> str:
        """The machine code of the first error."""
        return self.json["errors"][0]["extensions"]["code"]

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


async def send(url: str, head: str, chunks: Iterable[bytes] = ()) -> Answer:
    """Send a head (lines, without the empty one) and then *chunks*, until the server has had enough."""
    reader, writer = await asyncio.open_connection(urlsplit(url).hostname, urlsplit(url).port)
    try:
        writer.write(head.encode().replace(b"\n", b"\r\n") + b"\r\n\r\n")
        pouring = asyncio.create_task(_pour(writer, chunks))
        async with asyncio.timeout(10):
            answer = await _read(reader)
            await pouring
        return answer
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def _pour(writer: asyncio.StreamWriter, chunks: Iterable[bytes]) -> None:
    with contextlib.suppress(ConnectionError):
        for chunk in chunks:
            writer.write(chunk)
            await writer.drain()


async def _read(reader: asyncio.StreamReader) -> Answer:
    status, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").strip().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    closed = False
    if headers.get("connection") == "close":
        with contextlib.suppress(ConnectionError):
            closed = await reader.read() == b""
    return Answer(int(status.split(" ")[1]), headers, body, closed)


def post(url: str, *headers: str) -> str:
    """Write the head of a POST."""
    first = ["POST /graphql HTTP/1.1", f"Host: {urlsplit(url).netloc}", "Content-Type: application/json"]
    return "\n".join([*first, *headers])


def chunked(megabytes: int) -> Iterable[bytes]:
    """Give a body of unknown length in chunks (RFC 9112, section 7.1)."""
    for _ in range(megabytes):
        yield b"100000\r\n" + MEGABYTE + b"\r\n"
    yield b"0\r\n\r\n"
