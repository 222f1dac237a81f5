"""Clients that are gone without a word, or take nothing of what they are sent: they are found, and let go of."""

import asyncio
import base64
import logging
import os
import socket
import struct
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, suppress
from urllib.parse import urlsplit

import orjson
import pytest

from chatgraph.server import patience
from chatgraph.server.http import HttpProtocol
from chatgraph.server.running import SOCKETS
from chatgraph.settings import Settings
from tests.cast import Actor, Cast
from tests.conftest import Server, running
from tests.live.wires import (
    PATIENCE,
    PROTOCOL,
    TALKS,
    VIEWER,
    left_behind,
    listening,
    token_for_a_moment,
    until,
    wired,
)

LONGEST = "😀" * 4000
WAYS = ("socket", "stream")


class Silent:
    """A client on a bare TCP connection that says what it is told to say, and reads only when it is told to."""

    def __init__(self, url: str) -> None:
        self.address = urlsplit(url).hostname, urlsplit(url).port
        self.socket = socket.socket()
        for buffer in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            self.socket.setsockopt(socket.SOL_SOCKET, buffer, 4096)
        self.socket.setblocking(False)

    async def write(self, content: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self.socket, content)

    async def read(self) -> bytes:
        async with asyncio.timeout(PATIENCE):
            return await asyncio.get_running_loop().sock_recv(self.socket, 2**20)

    async def ask(self, *lines: str, body: bytes = b"") -> None:
        """Connect and send a request."""
        await asyncio.get_running_loop().sock_connect(self.socket, self.address)
        await self.write("\r\n".join([*lines, "Host: x", "", ""]).encode() + body)

    async def say(self, kind: str, name: str | None = None, payload: object = None) -> None:
        """Send a frame of text with a mask of zeros (RFC 6455, section 5.2)."""
        message = orjson.dumps({"type": kind, "id": name, "payload": payload})
        await self.write(struct.pack("!BBH", 0x81, 0x80 | 126, len(message)) + bytes(4) + message)

    async def open(self, token: str | None) -> None:
        """Open a WebSocket (section 4.1) and send what begins the protocol."""
        key = base64.b64encode(os.urandom(16)).decode()
        upgrade = "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"
        named = f"Sec-WebSocket-Key: {key}", f"Sec-WebSocket-Protocol: {PROTOCOL}"
        await self.ask("GET /graphql HTTP/1.1", *upgrade, *named)
        assert (await self.read()).startswith(b"HTTP/1.1 101 ")
        await self.say("connection_init", payload={"accessToken": token})

    async def listen(self, actor: Actor, room: str, way: str, many: int = 50) -> int:
        """Ask for what happens in a room and give how often: *many* times on a socket, once by a stream."""
        question = {"query": TALKS, "variables": {"room": room}}
        if way == "socket":
            await self.open(actor.token)
            for number in range(many):
                await self.say("subscribe", str(number), question)
            return many
        body = orjson.dumps(question)
        kinds = "Content-Type: application/json", "Accept: text/event-stream"
        named = f"Authorization: Bearer {actor.token}", f"Content-Length: {len(body)}"
        await self.ask("POST /graphql HTTP/1.1", *kinds, *named, body=body)
        return 1


@asynccontextmanager
async def impatient(settings: Settings, seconds: float) -> AsyncIterator[tuple[Server, Cast, str]]:
    """Run a server as `serve` does, that pings often; give it with the cast and a room."""
    pings = {"ws_ping_interval": seconds, "ws_ping_timeout": seconds}
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        for buffer in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            # Where the kernel keeps little, it is soon seen that nobody reads.
            listener.setsockopt(socket.SOL_SOCKET, buffer, 32 * 1024)
        given = {"fd": listener.fileno(), "http": HttpProtocol, **pings}
        async with running(settings, **given) as server, Cast(server.url) as cast:
            await cast.enter()
            yield server, cast, await cast.ada.create_room(await cast.ada.create_house())


@pytest.fixture
def silent() -> Iterator[Callable[[str], Silent]]:
    """Make silent clients, whose sockets are closed after the test."""
    with ExitStack() as opened:

        def make(url: str) -> Silent:
            made = Silent(url)
            opened.callback(made.socket.close)
            return made

        yield make


async def test_a_socket_that_answers_no_ping_is_found_and_one_that_does_is_kept(
    make_settings: Callable[..., Settings], silent: Callable[[str], Silent]
) -> None:
    assert SOCKETS["ws_ping_interval"] + SOCKETS["ws_ping_timeout"] <= 50  # as `serve` has it
    async with impatient(make_settings(), 1) as (server, cast, room), wired(server, cast.ada) as kept:
        gone, began = silent(server.url), time.monotonic()
        await gone.listen(cast.ben, room, "socket", many=3)
        await until(lambda: server.app.state.live.listeners)
        await until(lambda: not server.app.state.live.listeners)
        assert time.monotonic() - began < 8
        told = b""
        while chunk := await gone.read():
            told += chunk
        assert struct.pack("!H", 1011) + b"keepalive ping timeout" in told
        await kept.ask("1", VIEWER)
    assert not left_behind(server)


@pytest.mark.parametrize("way", WAYS)
async def test_a_client_that_takes_nothing_is_let_go_of_and_nobody_waits_for_it(
    make_settings: Callable[..., Settings],
    monkeypatch: pytest.MonkeyPatch,
    silent: Callable[[str], Silent],
    way: str,
) -> None:
    monkeypatch.setattr(patience, "TAKING_SECONDS", 0.5)
    async with impatient(make_settings(), 20) as (server, cast, room), wired(server, cast.ada) as quick:
        await quick.subscribe("1", TALKS, room=room)
        many = 1 + await silent(server.url).listen(cast.ben, room, way)
        await listening(server, many)
        async with asyncio.timeout(PATIENCE):
            while len(server.app.state.live.listeners) == many:
                await cast.ada.post_talk(room, LONGEST)
                assert (await quick.hear())["type"] == "next"
        await until(lambda: len(server.app.state.live.listeners) == 1)
        await quick.say("complete", "1")
        await quick.settled()
    assert not left_behind(server)


async def test_a_socket_that_answers_no_ping_is_let_go_of_although_something_waits_for_it(
    make_settings: Callable[..., Settings], silent: Callable[[str], Silent]
) -> None:
    async with impatient(make_settings(), 0.5) as (server, cast, room):
        gone = silent(server.url)
        await gone.open(cast.ben.token)
        await gone.say("subscribe", "1", {"query": TALKS, "variables": {"room": room}})
        await listening(server)
        for _ in range(8):  # more than the kernel takes, less than the server waits for before it writes on
            await cast.ada.post_talk(room, LONGEST)
        await until(lambda: not left_behind(server))


async def test_a_client_that_reads_late_is_told_why_its_socket_was_closed(
    make_settings: Callable[..., Settings],
    silent: Callable[[str], Silent],
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with impatient(make_settings(), 20) as (server, cast, _):
        logging.getLogger("uvicorn.error").addHandler(caplog.handler)
        late = silent(server.url)
        await late.open(token_for_a_moment(server, cast.ben))
        sent, told = 0, b""
        with suppress(TimeoutError):
            async with asyncio.timeout(2.1):  # the token has expired by then
                while sent < 100:
                    for _ in range(20):
                        await late.say("ping", payload="x" * 5_000)
                    sent += 20
        assert sent < 100, "the server reads on although nobody reads what it answers"
        while struct.pack("!H", 4403) + b"The access token has expired" not in told:
            chunk = await late.read()
            assert chunk, told[-1000:]
            told = told[-1000:] + chunk
        assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert not left_behind(server)


async def test_a_server_that_stops_does_not_wait_for_clients_that_take_nothing(
    make_settings: Callable[..., Settings], silent: Callable[[str], Silent]
) -> None:
    async with impatient(make_settings(), 20) as (server, cast, room):
        clients = silent(server.url), silent(server.url)
        many = [await one.listen(cast.ben, room, way) for one, way in zip(clients, WAYS, strict=True)]
        await listening(server, sum(many))
        for _ in range(20):
            await cast.ada.post_talk(room, LONGEST)
        began = time.monotonic()
    assert time.monotonic() - began < 4  # uvicorn would wait for 5 s, and cut off everybody then
    assert not left_behind(server)
