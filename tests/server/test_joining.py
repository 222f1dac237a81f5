"""What is written apart in one turn of the event loop is sent together, and nothing is held longer."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect

from chatgraph.server.http import HttpProtocol
from chatgraph.server.joining import JoiningTransport
from chatgraph.settings import Settings
from tests.conftest import running


class Wire(asyncio.Transport):
    """A transport that keeps what is written to it."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1)})
        self.sent: list[bytes] = []
        self.closed = False

    def write(self, data: Any) -> None:
        assert not self.closed
        self.sent.append(data)

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True


def join(wire: Wire) -> JoiningTransport:
    return JoiningTransport(wire, asyncio.get_running_loop())


async def test_the_head_of_an_answer_goes_with_its_body() -> None:
    wire = Wire()
    joining = join(wire)
    for part in (b"head", b" body", b"another", b" body"):
        joining.write(part)
    assert wire.sent == [b"head body", b"another body"]
    await asyncio.sleep(0)
    assert len(wire.sent) == 2


async def test_a_head_whose_body_takes_longer_goes_with_the_turn() -> None:
    wire = Wire()
    joining = join(wire)
    joining.write(b"head")
    assert wire.sent == []
    await asyncio.sleep(0)
    assert wire.sent == [b"head"]
    joining.write(b"part")
    joining.write(b"")
    assert wire.sent == [b"head", b"part"]


async def test_what_is_held_is_sent_before_the_end() -> None:
    wire = Wire()
    joining = join(wire)
    joining.write(b"head")
    joining.close()
    assert (wire.sent, wire.closed, joining.is_closing()) == ([b"head"], True, True)
    await asyncio.sleep(0)
    assert wire.sent == [b"head"]


async def test_nothing_is_sent_to_who_has_gone() -> None:
    wire = Wire()
    join(wire).write(b"head")
    wire.close()
    await asyncio.sleep(0)
    assert wire.sent == []


async def test_who_speaks_another_protocol_gets_the_transport_itself() -> None:
    wire = Wire()
    joining = join(wire)
    joining.write(b"head")
    assert joining.let_go() is wire
    assert wire.sent == [b"head"]


async def test_in_all_else_it_is_the_transport_that_it_stands_before() -> None:
    assert join(Wire()).get_extra_info("peername") == ("127.0.0.1", 1)


async def test_answers_are_joined_and_the_frames_of_a_websocket_are_not(
    make_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[bytes] = []
    write = JoiningTransport.write

    def noted(joining: JoiningTransport, data: bytes) -> None:
        written.append(data)
        write(joining, data)

    monkeypatch.setattr(JoiningTransport, "write", noted)
    async with running(make_settings(), http=HttpProtocol) as server:
        async with httpx.AsyncClient() as http:
            assert (await http.get(f"{server.url}/healthz")).text == "alive\n"
        assert written[1:] == [b"alive\n"]
        url = f"{server.url.replace('http', 'ws')}/graphql"
        async with connect(url, subprotocols=["graphql-transport-ws"]) as socket:  # type: ignore[list-item]
            await socket.send('{"type": "connection_init"}')
            assert await socket.recv() == '{"type":"connection_ack"}'
        assert len(written) == 2
