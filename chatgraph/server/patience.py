"""How long a client is waited for: uvicorn itself would wait for ever, for headers and for what it sends to be taken."""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

HEADER_SECONDS = 10
TAKING_SECONDS = 30
# How long the last bytes may take to a client that answers no ping, or to one that takes nothing when all ends.
FAREWELL_SECONDS = 1


class Taking(asyncio.Protocol):
    """A connection that is cut once so much waits for its client, for `TAKING_SECONDS`, that nothing more is written."""

    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport
    _stalled: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._stalled is None:
            self._stalled = self.loop.call_later(TAKING_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        self._stop_stalling()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_stalling()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        super().shutdown()  # type: ignore[misc]
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = self.loop.call_later(FAREWELL_SECONDS, self.transport.abort)

    def _stop_stalling(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None


class PatientSocket(Taking, WebSocketsSansIOProtocol):
    """A WebSocket that ends when a ping isn't answered, whatever still waits to be sent."""

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self.loop.call_later(FAREWELL_SECONDS, self.transport.abort)


class PatientProtocol(Taking, HttpToolsProtocol):
    """HTTP/1.1 that closes a connection whose request line and headers take longer than `HEADER_SECONDS`."""

    _deadline: asyncio.TimerHandle | None = None
    _in_headers = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_headers()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._in_headers:  # hardly ever: most requests come in one piece, which needs no timer
            self._expect_headers()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_headers = True

    def on_headers_complete(self) -> None:
        self._in_headers = False
        self._stop_waiting()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._in_headers = False
        self._stop_waiting()
        super().connection_lost(exc)

    def _expect_headers(self) -> None:
        if self._deadline is None and not self.transport.is_closing():
            self._deadline = self.loop.call_later(HEADER_SECONDS, self._give_up)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        answer = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        if self.cycle is None or self.cycle.response_complete:
            self.transport.write(answer)
        self.transport.close()
