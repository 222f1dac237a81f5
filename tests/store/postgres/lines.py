"""A line to PostgreSQL on which answers come late, or never."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sqlalchemy.engine import URL, make_url


class Line:
    """What goes between a program, which connects to *url*, and the server: any number of connections."""

    def __init__(self, server: URL) -> None:
        self.url = self._server = server
        self._flows = asyncio.Event()
        self._flows.set()
        self._until_next: asyncio.Event | None = None

    def withhold(self) -> None:
        """Hold back what the server answers, until the program connects once more, as it does when it gives up."""
        self._flows.clear()
        self._until_next = self._flows

    def silence(self) -> None:
        """Let nothing through any more that the server answers."""
        self._flows.clear()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection, until either side ends it."""
        if self._until_next is not None:
            self._until_next.set()
        answers, asks = await self._reach()
        sides = [
            asyncio.create_task(self._asking(reader, asks)),
            asyncio.create_task(self._answering(answers, writer)),
        ]
        try:
            await asyncio.wait(sides, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for side in sides:
                side.cancel()
            await asyncio.gather(*sides, return_exceptions=True)
            asks.close()
            writer.close()

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host, port = self._server.query.get("host", self._server.host), self._server.port or 5432
        if str(host).startswith("/"):
            return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        return await asyncio.open_connection(str(host), port)

    async def _asking(self, program: asyncio.StreamReader, server: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while some := await program.read(1 << 16):
                server.write(some)
                await server.drain()

    async def _answering(self, server: asyncio.StreamReader, program: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while some := await server.read(1 << 16):
                await self._flows.wait()
                program.write(some)
                await program.drain()


@asynccontextmanager
async def line_to(address: str) -> AsyncIterator[Line]:
    """Give a line to a database."""
    line = Line(make_url(address))
    listening = await asyncio.start_server(line.carry, "127.0.0.1", 0)
    line.url = line.url.set(host="127.0.0.1", port=listening.sockets[0].getsockname()[1], query={})
    try:
        yield line
    finally:
        listening.close()
