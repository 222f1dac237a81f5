"""
The one place below ASGI: frames written straight to a socket's transport.

A `send` through ASGI costs a task switch and three layers for each listener. Where uvicorn's protocol is the one this
was written for, and its transport takes more at once, a frame that was built before is handed to it; everything else
goes through ASGI.
"""

from typing import Any

import uvicorn

try:
    from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
except ImportError:  # pragma: no cover
    WebSocketsSansIOProtocol = None

WRITTEN_FOR = "0.54."
MOST_BUFFERED = 64 * 1024


class Wire:
    """What can be written to one socket at once."""

    __slots__ = ("_protocol", "_transport")

    def __init__(self, protocol: Any) -> None:
        self._protocol, self._transport = protocol, protocol.transport

    @classmethod
    def of(cls, send: Any) -> "Wire | None":
        """Find the wire behind an ASGI `send`, if it is of the kind that is known."""
        protocol = getattr(send, "__self__", None)
        if WebSocketsSansIOProtocol is None or not uvicorn.__version__.startswith(WRITTEN_FOR):
            return None
        return cls(protocol) if isinstance(protocol, WebSocketsSansIOProtocol) else None

    def write(self, frames: bytes) -> bool:
        """Write whole frames. False: the socket is closing or its client doesn't keep up, and nothing was written."""
        transport = self._transport
        if transport.get_write_buffer_size() + len(frames) > MOST_BUFFERED or transport.is_closing():
            return False
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
