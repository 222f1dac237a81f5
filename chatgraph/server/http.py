"""HTTP/1.1 and HTTP/1.0 as they are spoken here: what uvicorn's protocol gets wrong is put right, the rest is its own."""

import asyncio
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle
from websockets.http11 import MAX_LINE_LENGTH, MAX_NUM_HEADERS

from chatgraph.server.joining import JoiningTransport
from chatgraph.server.patience import PatientProtocol

# What a request may have in its request line and headers together, and as much again in its trailers.
HEAD_BYTES = 64 * 1024
TOO_LARGE = b"""\
The request line and the headers may have 64 KiB together; to open a WebSocket, 128 headers and 8 KiB each.
"""


class HttpProtocol(PatientProtocol):
    """
    What uvicorn speaks with a client, which it waits for as long as `PatientProtocol` does.

    A request to go on in a protocol that isn't spoken here is answered as one that doesn't ask for it (RFC 9110,
    section 7.8); HTTP/1.0 is answered without chunks. A head of more than `HEAD_BYTES` is answered 431 (RFC 6585,
    section 5), after the requests before it, and what comes after it isn't read.
    """

    _unended = 0
    _told = _deaf = False

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.parser = RequestParser(self)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._joining = JoiningTransport(transport, self.loop)
        super().connection_made(self._joining)  # type: ignore[arg-type]

    def data_received(self, data: bytes) -> None:
        if self._deaf:
            return
        try:
            super().data_received(data)
        except HeadTooLarge:
            self._turn_away()

    def handle_websocket_upgrade(self) -> None:
        lines = [b"GET %b HTTP/1.1\r\n" % self.url, *(b"%b: %b\r\n" % field for field in self.headers)]
        if len(self.headers) > MAX_NUM_HEADERS or max(map(len, lines)) > MAX_LINE_LENGTH:
            return self._turn_away()  # what reads it again would answer nothing
        self.transport = self._joining.let_go()
        return super().handle_websocket_upgrade()

    def on_headers_complete(self) -> None:
        self._told = True
        upgrades = self.parser.should_upgrade()
        if upgrades and self.ignores_upgrade():
            return  # it is read again
        super().on_headers_complete()
        if upgrades:
            if not self._should_upgrade():  # CONNECT: what comes after its head is no request
                self.cycle.keep_alive = False
        elif self.scope["http_version"] < "1.1":
            # uvicorn names the class of its cycles itself; this one hasn't begun to answer.
            self.cycle.__class__ = UnchunkedCycle
            self.cycle.waiting_for_100_continue = False

    def on_body(self, body: bytes) -> None:
        self._told = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._told = True
        if not (self.parser.should_upgrade() and self.ignores_upgrade()):
            super().on_message_complete()

    def _should_upgrade(self) -> bool:
        # Who opens a WebSocket sends a GET of HTTP/1.1 that has no body (RFC 6455, section 4.1).
        if self.parser.get_method() != b"GET" or self.parser.get_http_version() != "1.1":
            return False
        has_body = any(
            name == b"transfer-encoding" or (name == b"content-length" and value != b"0")
            for name, value in self.headers
        )
        return not has_body and super()._should_upgrade()

    def ignores_upgrade(self) -> bool:
        """Tell whether the request whose head was read last, and asks for another protocol, is answered in this one."""
        return self.parser.get_method() != b"CONNECT" and not self._should_upgrade()

    def head_without_upgrade(self) -> bytes:
        """Write the head that was read last as it came, but for its `Upgrade`."""
        version = self.parser.get_http_version().encode()
        lines = [b"%b %b HTTP/%b" % (self.parser.get_method(), self.url, version)]
        lines += [b"%b: %b" % field for field in self.headers if field[0] != b"upgrade"]
        return b"\r\n".join([*lines, b"", b""])

    def room(self) -> int:
        """Give how many bytes may be read before `count`."""
        return HEAD_BYTES - self._unended

    def count(self, read: int) -> None:
        """
        Count bytes in which the parser found no end of a head, nothing of a body and no end of a request.

        So they are of a head, of trailers, or of the extensions of a chunk. What begins behind something else is
        counted from the next bytes on: nobody tells where it does. Raises `HeadTooLarge`.
        """
        self._unended = 0 if self._told else self._unended + read
        self._told = False
        if self._unended >= HEAD_BYTES:
            raise HeadTooLarge

    def _turn_away(self) -> None:
        """Read no more, keep nothing of what was read last, and close once what was asked before it is answered."""
        self._deaf, cycle = True, self.cycle
        self._stop_waiting()
        self.parser = RequestParser(self)
        if self._in_headers:
            self.url = b""
            self.headers.clear()
        if cycle is None or self._in_headers or not cycle.more_body:
            if cycle is None or cycle.response_complete:
                self._close_as_too_large()
            else:
                cycle.on_response = self._close_as_too_large
        elif cycle.response_started or self.pipeline:
            self.transport.close()
        else:
            self._close_as_too_large()

    def _close_as_too_large(self) -> None:
        head = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: text/plain; charset=utf-8\r\n"
        length = b"content-length: %d\r\nconnection: close\r\n\r\n" % len(TOO_LARGE)
        self.transport.write(head + length + TOO_LARGE)
        self.transport.close()


class HeadTooLarge(Exception):
    """More than `HEAD_BYTES` came that are nothing but the head, or the trailers, of one request."""


class RequestParser(httptools.HttpRequestParser):
    """
    A parser that takes a request whose `Upgrade` is ignored to have a body, as others do.

    llhttp takes it to end with its head, and its body for the next request. So the head is read again, without what
    it asks for, by a parser that takes the place of this one.
    """

    def __init__(self, protocol: HttpProtocol) -> None:
        super().__init__(protocol)
        self.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn has it
        self._protocol = protocol

    def feed_data(self, data: bytes | memoryview) -> None:  # type: ignore[override]
        feed, protocol = httptools.HttpRequestParser.feed_data, self._protocol
        parser, rest = self, memoryview(data)
        while rest:
            piece = rest[: protocol.room()]
            read = len(piece)
            try:
                feed(parser, piece)
            except httptools.HttpParserUpgrade as asked:
                if not protocol.ignores_upgrade():
                    raise
                [read] = asked.args
                head = protocol.head_without_upgrade()
                parser = protocol.parser = RequestParser(protocol)
                feed(parser, head)
            protocol.count(read)
            rest = rest[read:]


class UnchunkedCycle(RequestResponseCycle):
    """A request of HTTP/1.0, whose answer ends with the connection where its length isn't known (RFC 9112, 6.1, 6.3)."""

    _measured = True

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            names = [name.lower() for name, _ in message.get("headers", ())]
            if b"content-length" not in names:
                self._measured = self.chunked_encoding = self.keep_alive = False
        elif not self._measured:
            while self.flow.write_paused and not self.disconnected:
                await self.flow.drain()
            # uvicorn looks at it before anybody else can send.
            self.expected_content_length = len(message.get("body", b""))
        await super().send(message)
