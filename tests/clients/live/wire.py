"""The wire between a client and a server: a test cuts it, and mends it again, perhaps to another server."""

import asyncio
from contextlib import suppress
from typing import Self
from urllib.parse import urlsplit


class Wire:
    """An address that leads to a server, for as long as it isn't cut."""

    def __init__(self, url: str) -> None:
        self._to = urlsplit(url).port
        self._whole = True
        self._ends: set[asyncio.StreamWriter] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self.knocked = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._join, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self.cut()
        self._server.close()
        await self._server.wait_closed()

    def cut(self) -> None:
        """Break each connection, and those that are tried until it is mended: `knocked` tells of the first of them."""
        self._whole = False
        self.knocked.clear()
        for end in self._ends:
            end.transport.abort()

    def mend(self, url: str | None = None) -> None:
        """Lead to the server again, or to another one."""
        self._whole = True
        self._to = urlsplit(url).port if url else self._to

    def clog(self) -> None:
        """Carry nothing more on what is connected, and break nothing: neither side is told. New connections work."""
        self._flowing.clear()
        self._flowing = asyncio.Event()
        self._flowing.set()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._whole:
            self.knocked.set()
            writer.transport.abort()
            return
        self._ends.add(writer)
        with suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._to)
            self._ends.add(far_writer)
            async with asyncio.TaskGroup() as both:
                both.create_task(_carry(reader, far_writer, self._flowing))
                both.create_task(_carry(far_reader, writer, self._flowing))
            self._ends.discard(far_writer)
        self._ends.discard(writer)
        writer.close()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, flowing: asyncio.Event) -> None:
    with suppress(OSError):
        while piece := await reader.read(64 * 1024):
            if flowing.is_set():
                writer.write(piece)
                await writer.drain()
    writer.close()
