"""`chatgraph serve` that is told to stop while many listen: it tells them to come again, and loses nothing."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest
from websockets.exceptions import ConnectionClosed

from chatgraph.server.running import ANSWERING_SECONDS
from chatgraph.settings import Settings
from tests.cast import Cast
from tests.cli.conftest import Process, command
from tests.conftest import SECRET, running
from tests.live.wires import PATIENCE, TALKS, Tape, Wire, left_behind, plugged, streamed, until, wired
from tests.outside import Outside

POST = """
mutation($room: ID!) { postTalk(input: {roomId: $room, content: "In flight"}) { talk { content } } }
"""


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[tuple[Process, Cast, str]]:
    """Serve in a process of its own; give it with the cast, who have signed in already, and where it listens."""
    async with running(settings) as server, Cast(server.url) as cast:
        await cast.enter()
    words = ("serve", "--port", "0", "--database", settings.database_url)
    async with command(*words, CHATGRAPH_RATE_LIMITS="off", CHATGRAPH_SECRET_KEY=SECRET) as process:
        url = (await process.line()).rsplit(" ", 1)[1]
        async with Cast(url) as there:
            for actor, entered in ((there.ada, cast.ada), (there.ben, cast.ben), (there.cleo, cast.cleo)):
                actor.token = entered.token
            yield process, there, url


async def heard_to_the_end(wire: Wire) -> tuple[list[dict[str, Any]], int | None]:
    """Give all that a socket is told, and the code that closes it."""
    told = []
    async with asyncio.timeout(PATIENCE):
        try:
            while True:
                told.append(orjson.loads(await wire.connection.recv()))
        except ConnectionClosed as closed:
            return told, closed.rcvd.code if closed.rcvd else None


async def told_to_the_end(tape: Tape) -> bytes:
    """Give all that a stream tells; its end is proper, or httpx complains."""
    while await tape.piece() is not None:
        pass
    return tape.bytes


async def test_who_listens_is_told_to_come_again_and_a_mutation_in_flight_is_answered(
    make_settings: Callable[..., Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with serving(make_settings()) as (process, cast, url), AsyncExitStack() as opened:
        ada, ben, cleo = cast.ada, cast.ben, cast.cleo
        house = await ada.create_house()
        room = await ada.create_room(house)
        cursor = (await ada.ask("query($id: ID!) { house(id: $id) { cursor } }", id=house))["house"]["cursor"]
        wires = [await opened.enter_async_context(wired(url, (ada, ben)[number % 2])) for number in range(20)]
        tapes = [
            await opened.enter_async_context(streamed(cleo, TALKS, room=room, after=cursor))
            for _ in range(20)
        ]
        for wire in wires:
            await wire.subscribe("1", TALKS, room=room, after=cursor)
        await ada.post_talk(room, "before")
        for wire in wires:
            assert (await wire.hear())["type"] == "next"
        for tape in tapes:
            await tape.event()

        # A mutation whose last byte comes when the server has already begun to stop.
        reader, writer = await asyncio.open_connection(urlsplit(url).hostname, urlsplit(url).port)
        body = orjson.dumps({"query": POST, "variables": {"room": room}})
        head = "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
        writer.write((head % len(body) + f"Authorization: Bearer {ada.token}\r\n\r\n").encode() + body[:-1])
        await writer.drain()
        await ada.ask("{ __typename }")

        began = time.monotonic()
        process.process.send_signal(signal.SIGTERM)
        heard = await asyncio.gather(*(heard_to_the_end(wire) for wire in wires))
        streams = await asyncio.gather(*(told_to_the_end(tape) for tape in tapes))
        listened = time.monotonic() - began
        writer.write(body[-1:])
        answer = await asyncio.wait_for(reader.read(), PATIENCE)
        writer.close()
        code, said = await process.end()
        took = time.monotonic() - began

    assert heard == [([], 1012)] * 20
    assert all(told.count(b"event: next") == 1 and b"complete" not in told for told in streams)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b'{"data":{"postTalk":{"talk":{"content":"In flight"}}}}')
    assert (code, said) == (0, "")
    assert listened < ANSWERING_SECONDS
    assert took < 10


async def test_a_stream_that_begins_while_the_server_stops_ends_at_once(
    make_settings: Callable[..., Settings],
) -> None:
    async with running(make_settings()) as server, Cast(server.url) as cast:
        await cast.enter()
        room = await cast.ada.create_room(await cast.ada.create_house())
        server.app.state.live.stop()
        async with streamed(cast.ada, TALKS, room=room) as tape:
            assert await tape.event() is None
        assert b"complete" not in tape.bytes
        async with plugged(server) as wire:
            assert (await wire.closed())[0] == 1012
        await until(lambda: not left_behind(server))


async def test_a_mutation_in_flight_on_a_socket_is_answered_before_that_is_closed(
    make_settings: Callable[..., Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = make_settings()
    async with serving(settings) as (process, cast, url), AsyncExitStack() as opened:
        room = await cast.ada.create_room(await cast.ada.create_house())
        asks, listens = [await opened.enter_async_context(wired(url, cast.ada)) for _ in range(2)]
        tape = await opened.enter_async_context(streamed(cast.ben, TALKS, room=room))
        await tape.piece()
        for wire in (asks, listens):
            await wire.subscribe("1", TALKS, room=room)
        async with Outside(settings.database_url).writing():
            await asks.subscribe("2", POST, room=room)
            await asks.settled()
            began = time.monotonic()
            process.process.send_signal(signal.SIGTERM)
            assert b"next" not in await told_to_the_end(tape)
            assert await heard_to_the_end(listens) == ([], 1012)
            await asks.subscribe("3", POST, room=room)  # too late: it isn't begun
            await asks.settled()
        told, code = await heard_to_the_end(asks)
        ended, _ = await process.end()
        took = time.monotonic() - began
    assert [(one["id"], one["type"]) for one in told] == [("2", "next"), ("2", "complete")]
    assert told[0]["payload"] == {"data": {"postTalk": {"talk": {"content": "In flight"}}}}
    assert (code, ended) == (1012, 0)
    assert took < 10


async def test_what_takes_too_long_on_a_socket_is_not_waited_for(
    make_settings: Callable[..., Settings],
) -> None:
    async with running(make_settings()) as server, Cast(server.url) as cast:
        await cast.enter()
        room = await cast.ada.create_room(await cast.ada.create_house())
        async with wired(server, cast.ada) as wire:
            async with Outside(server.chat.database).writing():
                await wire.subscribe("1", POST, room=room)
                await wire.settled()
                await server.app.state.live.finish(0.05)
                [socket] = server.app.state.live.sockets
                assert socket.answering
            told, code = await heard_to_the_end(wire)
        assert ([one["type"] for one in told], code) == (["next", "complete"], 1012)
