"""
The one place below ASGI: frames written straight to a socket, past its transport while that has nothing to write.

A `send` through ASGI costs a task switch and three layers for each listener. Where uvicorn's protocol is the one this
was written for, and its transport takes more at once, a frame that was built before is handed to it; everything else
goes through ASGI.
"""

import os
from contextlib import suppress
from typing import Any

import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

WRITTEN_FOR = "0.54."
MOST_BUFFERED = 64 * 1024


class Wire:
    """What can be written to one socket at once."""

    __slots__ = ("_descriptor", "_protocol", "_transport")

    def __init__(self, protocol: Any) -> None:
        self._protocol, self._transport = protocol, protocol.transport
        find = protocol.transport.get_extra_info
        self._descriptor: int | None = find("socket").fileno() if find("sslcontext") is None else None

    @classmethod
    def of(cls, send: Any) -> "Wire | None":
        """Find the wire behind an ASGI `send`, if it is of the kind that is known."""
        protocol = getattr(send, "__self__", None)
        if not uvicorn.__version__.startswith(WRITTEN_FOR):
            return None
        return cls(protocol) if isinstance(protocol, WebSocketsSansIOProtocol) else None

    def write(self, frames: bytes) -> bool:
        """Write whole frames. False: the socket is closing or its client doesn't keep up, and nothing was written."""
        transport = self._transport
        waiting = transport.get_write_buffer_size()
        if waiting + len(frames) > MOST_BUFFERED or transport.is_closing():
            return False
        if not waiting and self._descriptor is not None:
            with suppress(OSError):  # it is full or broken: the transport knows what to do then
                frames = frames[os.write(self._descriptor, frames) :]
        if frames:
            transport.write(frames)
        return True

    def forget_handshake(self) -> None:
        """Let go of the request that opened the socket, and of its answer: nobody looks at them again."""
        self._protocol.request = self._protocol.response = None


def frame(text: bytes) -> bytes:
    """Frame a text message as servers do (RFC 6455, section 5.2): whole, unmasked, uncompressed."""
    size = len(text)
    if size < 126:
        return bytes((0x81, size)) + text
    if size < 65536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + text
    return b"\x81\x7f" + size.to_bytes(8, "big") + text
