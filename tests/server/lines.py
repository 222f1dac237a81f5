"""Connections on which a test says what no well-behaved client would, byte by byte."""

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

REQUEST = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


class Line:
    """A raw connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self) -> bytes:
        """Give one whole answer."""
        head = await self.head()
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        return head + await asyncio.wait_for(self.reader.readexactly(int(length.split(b":")[1])), 5)

    async def head(self) -> bytes:
        """Give the head of an answer, with the empty line that ends it."""
        return await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 5)

    async def chunks(self) -> bytes:
        """Give the chunks of an answer, with the one that ends it."""
        return await asyncio.wait_for(self.reader.readuntil(b"\r\n0\r\n\r\n"), 5)

    async def event(self) -> bytes:
        """Give the next event of a stream; comments, which keep it alive, are left out."""
        while (block := await asyncio.wait_for(self.reader.readuntil(b"\n\n"), 5)).startswith(b":"):
            pass
        return block

    async def rest(self) -> bytes:
        """Give all that comes until the server closes."""
        return await asyncio.wait_for(self.reader.read(), 5)

    async def hang_up(self) -> None:
        self.writer.close()
        await asyncio.gather(self.writer.wait_closed(), return_exceptions=True)


Dial = Callable[[], Awaitable[Line]]


async def dialled(url: str) -> Line:
    """Open a connection to a server."""
    return Line(*await asyncio.open_connection(urlsplit(url).hostname, urlsplit(url).port))
