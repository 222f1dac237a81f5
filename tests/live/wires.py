"""Clients of live talks that show what goes over the wire: `graphql-transport-ws` and server-sent events."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import httpx
import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

from tests.cast import Actor
from tests.conftest import Server

PROTOCOL = "graphql-transport-ws"
# Longer than anything takes on a busy machine; nothing waits for it unless something is wrong.
PATIENCE = 10
VIEWER = "{ viewer { username } }"
TALKS = """
subscription Talks($room: ID!, $after: String) {
  roomEvents(roomId: $room, after: $after) { __typename cursor ... on TalkPosted { talk { content } } }
}
"""


class Wire:
    """A socket on which a test says and hears messages."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def say(self, kind: str, name: str | None = None, **more: Any) -> None:
        """Send a message; *name* is the id of an operation."""
        await self.raw({"type": kind} | ({} if name is None else {"id": name}) | more)

    async def raw(self, message: Any) -> None:
        """Send a text, bytes, or anything else as JSON."""
        sent = message if isinstance(message, str | bytes) else orjson.dumps(message).decode()
        await self.connection.send(sent)

    async def subscribe(self, name: str, query: str, **variables: Any) -> None:
        await self.say("subscribe", name, payload={"query": query, "variables": variables})

    async def hear(self) -> dict[str, Any]:
        """Give the next message."""
        async with asyncio.timeout(PATIENCE):
            return orjson.loads(await self.connection.recv())

    async def hear_all(self, *names: str) -> dict[str, list[dict[str, Any]]]:
        """Give what is told of these operations until each has ended."""
        told: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
        while any(not each or each[-1]["type"] == "next" for each in told.values()):
            message = await self.hear()
            told[message["id"]].append(message)
        return told

    async def ask(self, name: str, query: str, **variables: Any) -> dict[str, Any]:
        """Run a query or mutation to its end and give the payload of its one result."""
        await self.subscribe(name, query, **variables)
        result, end = await self.hear(), await self.hear()
        assert (result["type"], end) == ("next", {"id": name, "type": "complete"}), (result, end)
        assert result["id"] == name
        return result["payload"]

    async def settled(self) -> None:
        """Wait until the server has taken all that was said before; nothing else may come meanwhile."""
        await self.say("ping", payload={"settled": True})
        assert await self.hear() == {"type": "pong", "payload": {"settled": True}}

    async def closed(self) -> tuple[int, str]:
        """Wait until the server closes the socket, whatever it says before, and give its code and reason."""
        ended = None
        async with asyncio.timeout(PATIENCE):
            while ended is None:
                try:
                    await self.connection.recv()
                except ConnectionClosed as closed:
                    ended = closed
        assert ended.rcvd is not None, "closed without a code"
        return ended.rcvd.code, ended.rcvd.reason


@asynccontextmanager
async def plugged(
    server: Server | str,
    *,
    protocols: list[str] | None = None,
    origin: str | None = None,
    headers: dict[str, str] | None = None,
    path: str = "/graphql",
    **options: Any,
) -> AsyncIterator[Wire]:
    """Open a socket and say nothing yet."""
    url = server if isinstance(server, str) else server.url
    spoken = [Subprotocol(name) for name in ([PROTOCOL] if protocols is None else protocols)]
    given: dict[str, Any] = {"compression": None, "ping_interval": None, "proxy": None, **options}
    async with connect(
        url.replace("http", "ws", 1) + path,
        subprotocols=spoken or None,
        origin=None if origin is None else Origin(origin),
        additional_headers=headers,
        **given,
    ) as connection:
        yield Wire(connection)


@asynccontextmanager
async def wired(server: Server | str, actor: Actor | None = None, **options: Any) -> AsyncIterator[Wire]:
    """Open a socket as an actor, acknowledged."""
    async with plugged(server, **options) as wire:
        payload = {"Authorization": f"Bearer {actor.token}"} if actor and actor.token else None
        await wire.say("connection_init", payload=payload)
        assert await wire.hear() == {"type": "connection_ack"}
        yield wire


class Piece(NamedTuple):
    """What stands between two empty lines of an event stream: an event with its data, or a comment alone."""

    event: str
    data: Any


class Tape:
    """An event stream as a test reads it; *bytes* is all that came."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.bytes = b""
        self._chunks = response.aiter_raw()
        self._rest = b""

    async def piece(self) -> Piece | None:
        """Give the next event or comment, None at the end."""
        async with asyncio.timeout(PATIENCE):
            while b"\n\n" not in self._rest:
                chunk = await anext(self._chunks, b"")
                if not chunk:
                    assert self._rest == b""
                    return None
                self.bytes += chunk
                self._rest += chunk
        text, _, self._rest = self._rest.partition(b"\n\n")
        if text == b":":
            return Piece("", None)
        name, data = text.split(b"\n")
        assert name.startswith(b"event: ")
        assert data.startswith(b"data:")
        return Piece(name[7:].decode(), orjson.loads(data[5:]) if data[5:] else None)

    async def event(self) -> Piece | None:
        """Give the next event, None at the end."""
        while (piece := await self.piece()) is not None and not piece.event:
            pass
        return piece


@asynccontextmanager
async def streamed(
    actor: Actor, query: str, *, accept: str = "text/event-stream", method: str = "POST", **variables: Any
) -> AsyncIterator[Tape]:
    """Ask for a stream on a connection of its own."""
    headers = {**actor.headers, "Accept": accept}
    async with httpx.AsyncClient(base_url=actor.http.base_url, timeout=PATIENCE, trust_env=False) as http:
        if method == "GET":
            given: dict[str, Any] = {
                "params": {"query": query, "variables": orjson.dumps(variables).decode()}
            }
        else:
            given = {"json": {"query": query, "variables": variables}}
        async with http.stream(method, "/graphql", headers=headers, **given) as response:
            yield Tape(response)


async def until(condition: Callable[[], object]) -> None:
    """Let the event loop run until something is so."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - what it waits for knows nothing of tests
            await asyncio.sleep(0)


async def listening(server: Server, many: int = 1) -> None:
    """Wait until so many, and nobody else, listen and have caught up."""
    listeners: Any = server.app.state.live.listeners
    await until(lambda: len(listeners) == many and all(one._feed for one in listeners))


def left_behind(server: Server) -> dict[str, int]:
    """Tell what the server still keeps for who listens, or listened: what of it, and how many."""
    live, hub = server.app.state.live, server.chat.hub
    kept = {
        "listeners": live.listeners,
        "feeds": live.feeds,
        "connections": live._connections,
        "followers": hub._followers,
        "ears": hub._ears,
        "whispers": hub.whispers._hearers,
        "pulses": live.pulses._tasks,
        "present": server.chat.presence._connections,
    }
    return {name: len(things) for name, things in kept.items() if things}


def token_for_a_moment(server: Server, actor: Actor) -> str:
    """Make a token of the actor's session that expires in between 1 and 2 seconds."""
    assert actor.token is not None
    access = server.chat.tokens.read_access(actor.token)
    now = datetime.now(UTC)
    end = int((now + timedelta(seconds=2)).timestamp())
    begun = datetime.fromtimestamp(end - server.chat.tokens.access_seconds, UTC)
    return server.chat.tokens.issue_access(access.user_id, access.session_id, begun)
