"""Joining the head of an answer to its body: uvicorn writes them apart, which takes two system calls and two packets."""

import asyncio
from typing import Any


class JoiningTransport:
    """
    A transport that holds what is written until more is, or the turn of the event loop ends: both are written at once.

    In all else it is the *transport* that it stands before.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._held: bytes | None = None
        self.is_closing = transport.is_closing

    def write(self, data: bytes) -> None:
        """Write, soon or now."""
        if self._held is None:
            self._held = data
            self._loop.call_soon(self._flush)
        else:
            data, self._held = self._held + data, None
            self._transport.write(data)

    def close(self) -> None:
        """Write what is held, and close."""
        self.let_go().close()

    def let_go(self) -> asyncio.Transport:
        """Write what is held, and give the transport itself, which holds nothing."""
        self._flush()
        return self._transport

    def _flush(self) -> None:
        data, self._held = self._held, None
        if data is not None and not self.is_closing():
            self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
