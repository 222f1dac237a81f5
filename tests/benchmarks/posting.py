"""Posting for others to hear: connections on which one talk is posted at a time."""

import asyncio
from collections.abc import Callable
from typing import Self
from urllib.parse import urlsplit

from tests.benchmarks.load import find_body, refusal


class Poster(asyncio.Protocol):
    """One HTTP connection, on which the next request is sent when somebody says so."""

    transport: asyncio.Transport

    def __init__(self, request: Callable[[], bytes]) -> None:
        self._request = request
        self._received = bytearray()
        self._answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @classmethod
    async def connect(cls, url: str, request: Callable[[], bytes]) -> Self:
        """Make a poster that sends what *request* gives."""
        address = urlsplit(url)
        _, poster = await asyncio.get_running_loop().create_connection(
            lambda: cls(request), address.hostname or "127.0.0.1", address.port or 80
        )
        return poster

    def post(self) -> "asyncio.Future[None]":
        """Post at once; what is given is done with the answer, or failed with `RuntimeError`."""
        self._answered = asyncio.get_running_loop().create_future()
        self.transport.write(self._request())
        return self._answered

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        if (body := find_body(self._received)) is None or self._answered.done():
            return
        if failure := refusal(self._received, body):
            self._answered.set_exception(failure)
        else:
            self._answered.set_result(None)
        self._received.clear()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._answered.done():
            self._answered.set_exception(RuntimeError(f"The server closed the connection: {exc}."))
