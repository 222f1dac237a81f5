"""What clients of HTTP/1.0 don't understand: chunks, and being told to continue."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import orjson
import pytest
from uvicorn.protocols.http.flow_control import FlowControl

from chatgraph.server.http import HttpProtocol, UnchunkedCycle
from chatgraph.settings import Settings
from tests.cast import Actor, Cast
from tests.conftest import Server, running
from tests.live.wires import TALKS, listening
from tests.server.lines import REQUEST, Dial
from tests.server.test_joining import Wire


@pytest.fixture
async def server(make_settings: Callable[..., Settings]) -> AsyncIterator[Server]:
    """A server that speaks HTTP as `serve` does."""
    async with running(make_settings(), http=HttpProtocol) as started:
        yield started


@pytest.fixture
async def many_rooms(cast: Cast) -> int:
    """Open more rooms than a page of a list has."""
    house = await cast.ada.create_house()
    for _ in range(101):
        await cast.ada.create_room(house)
    return 101


def ask(first: str, actor: Actor, *fields: str, body: bytes = b"") -> bytes:
    """Write a request as an actor."""
    length = [f"Content-Length: {len(body)}"] if body else []
    named = "Host: x", f"Authorization: Bearer {actor.token}", "Content-Type: application/json"
    return "\r\n".join([first, *named, *length, *fields, "", ""]).encode() + body


async def test_a_long_list_is_sent_as_it_is(dial: Dial, cast: Cast, many_rooms: int) -> None:
    for fields in ((), ("Connection: keep-alive",), ("Connection: upgrade", "Upgrade: h2c")):
        line = await dial()
        await line.send(ask("GET /api/v1/room/list HTTP/1.0", cast.ada, *fields))
        head = await line.head()
        assert b"transfer-encoding" not in head
        assert b"connection: close\r\n" in head
        assert len(orjson.loads(await line.rest())["rooms"]) == many_rooms


async def test_a_long_list_still_goes_in_chunks_to_others(dial: Dial, cast: Cast, many_rooms: int) -> None:
    line = await dial()
    await line.send(ask("GET /api/v1/room/list HTTP/1.1", cast.ada))
    assert b"transfer-encoding: chunked\r\n" in await line.head()
    size, _, rest = (await line.chunks()).partition(b"\r\n")
    assert 0 < int(size, 16) < len(rest)
    await line.send(REQUEST)
    assert (await line.answer()).endswith(b"alive\n")


async def test_a_stream_is_sent_as_it_is(dial: Dial, cast: Cast, server: Server) -> None:
    room = await cast.ada.create_room(await cast.ada.create_house())
    body = orjson.dumps({"query": TALKS, "variables": {"room": room}})
    line = await dial()
    await line.send(ask("POST /graphql HTTP/1.0", cast.ben, "Accept: text/event-stream", body=body))
    assert b"transfer-encoding" not in await line.head()
    await listening(server)
    await cast.ada.post_talk(room)
    talk = await line.event()
    assert talk.startswith(b'event: next\ndata: {"data":{"roomEvents":{"__typename":"TalkPosted"')
    await cast.ada.do("deleteRoom", "roomId", roomId=room)
    deleted, error, end, *rest = (await line.rest()).split(b"\n\n")
    assert deleted.startswith(b"event: next\n")
    assert error.startswith(b"event: next\n")
    assert (end, rest) == (b"event: complete\ndata:", [b""])


async def test_an_answer_whose_length_is_known_has_it(dial: Dial, cast: Cast) -> None:
    line = await dial()
    body = b'{"query": "{ viewer { username } }"}'
    await line.send(ask("POST /graphql HTTP/1.0", cast.ada, body=body))
    assert (await line.answer()).endswith(b'{"data":{"viewer":{"username":"ada"}}}')
    assert await line.rest() == b""


async def test_nobody_is_told_to_continue(dial: Dial, cast: Cast) -> None:
    line = await dial()
    body = b'{"query": "{ viewer { username } }"}'
    head = ask("POST /graphql HTTP/1.0", cast.ada, "Expect: 100-continue", body=body).removesuffix(body)
    await line.send(head)
    other = await dial()
    await other.send(REQUEST)
    await other.answer()
    await line.send(body)
    answered = await line.rest()
    assert (answered[:13], answered.count(b"HTTP/1.1")) == (b"HTTP/1.1 200 ", 1)


def unchunked(wire: Wire) -> UnchunkedCycle:
    """Make the cycle of a request whose answer goes over a wire."""
    scope: Any = {"method": "GET", "http_version": "1.0"}
    log, begun = logging.getLogger(), asyncio.Event()
    return UnchunkedCycle(
        scope, wire, FlowControl(wire), log, log, False, [], begun, False, False, lambda: None
    )


async def test_a_length_that_is_given_is_kept_to() -> None:
    cycle = unchunked(Wire())
    await cycle.send({"type": "http.response.start", "status": 200, "headers": [(b"Content-Length", b"4")]})
    with pytest.raises(RuntimeError, match="longer"):
        await cycle.send({"type": "http.response.body", "body": b"longer"})


async def test_an_answer_as_it_is_may_be_sent_by_several_at_once_while_the_client_is_slow() -> None:
    wire = Wire()
    cycle = unchunked(wire)
    await cycle.send({"type": "http.response.start", "status": 200, "headers": []})
    cycle.flow.pause_writing()
    parts = b"long part", b"part", b""
    sending = [
        asyncio.create_task(cycle.send({"type": "http.response.body", "body": part, "more_body": bool(part)}))
        for part in parts
    ]
    await asyncio.sleep(0)
    assert len(wire.sent) == 1
    cycle.flow.resume_writing()
    await asyncio.gather(*sending)
    assert (wire.sent[1:], wire.closed) == ([*parts], True)
