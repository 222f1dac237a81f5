"""A listener on a real socket, who keeps the last cursor, goes on after it once the socket broke, and records all."""

import asyncio
import json
import socket
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from chatgraph.schema.ids import split_cursor

PATIENCE = 30  # seconds until whoever waits gives up: longer than anything here takes
PROTOCOL = Subprotocol("graphql-transport-ws")
TALKS = " ".join(
    f"... on {event} {{ talk {{ databaseId seq content removeTime }} }}"
    for event in ("TalkPosted", "TalkEdited", "TalkRemoved")
)
HOUSE = f"""subscription ($id: ID!, $after: String) {{
  told: houseEvents(houseId: $id, after: $after) {{ __typename cursor {TALKS} }}
}}"""
ROOM = HOUSE.replace("houseEvents(houseId", "roomEvents(roomId")


class Told(NamedTuple):
    """An event as it arrived: its place in the journal, its kind, what it selects, and when (by the loop's clock)."""

    seq: int
    kind: str
    data: dict[str, Any]
    time: float


class End(NamedTuple):
    """How a subscription ended: by a message under its id or by a close frame, with its code, and when."""

    how: str
    code: str | int | None
    time: float


def seq_of(cursor: str) -> int:
    """Give the place in its journal that a house's or an event's cursor stands for."""
    return split_cursor(cursor, "cursor")[1] - 1


async def until(condition: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Let the event loop run until something is so."""
    async with asyncio.timeout(patience):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0)


class Listener:
    """
    Somebody who listens to what *id* names, by *document*, which gives `__typename` and `cursor` of each event.

    `told` keeps all that arrived, over all sockets. `end` is set once the server ends the subscription. One who
    doesn't read leaves everything in the socket, whose buffer is small, until `read`.
    """

    def __init__(
        self,
        url: str,
        token: str | None,
        id: str,  # noqa: A002
        after: str | None = None,
        document: str = HOUSE,
        *,
        reads: bool = True,
    ) -> None:
        self.after = after
        self.told: list[Told] = []
        self.end: End | None = None
        self.errors: list[dict[str, Any]] = []
        self.resumed = 0
        self.variables: dict[str, Any] = {}
        self.turn_to(url, token)
        self._id, self._document, self._reads = id, document, reads
        self._socket: ClientConnection | None = None
        self._reading: asyncio.Task[None] | None = None
        self._news = asyncio.Event()

    async def __aenter__(self) -> Self:
        await self.connect()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.drop()

    def turn_to(self, url: str, token: str | None) -> None:
        """Connect to this server the next time, with this token."""
        self._url, self._token = f"ws{url.removeprefix('http')}/graphql", token

    @property
    def seqs(self) -> list[int]:
        """The places of all that was told, in the order in which it was."""
        return [event.seq for event in self.told]

    @property
    def in_order(self) -> bool:
        """Whether each event stands behind the one that was told before it: none twice, none too late."""
        return all(earlier < later for earlier, later in pairwise(self.seqs))

    async def connect(self) -> None:
        """Open a socket and listen, after the last cursor."""
        self.end = None
        self._socket = await self._open()
        given = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        await self._send(type="connection_init", payload=given)
        variables = {**self.variables, "id": self._id, "after": self.after}
        asked = {"query": self._document, "variables": variables}
        await self._send(id="1", type="subscribe", payload=asked)
        if self._reads:
            self.read()

    def read(self) -> None:
        """Begin to read what the socket holds."""
        assert self._socket is not None
        self._reads = True
        self._reading = asyncio.create_task(self._read(self._socket))

    async def drop(self) -> None:
        """Lose the socket in the middle of whatever comes, without a close frame."""
        if self._reading is not None:
            self._reading.cancel()
            with suppress(asyncio.CancelledError):
                await self._reading
            self._reading = None
        if self._socket is not None:
            self._socket.transport.abort()
            await self._socket.wait_closed()
            self._socket = None

    async def resume(self) -> None:
        """Lose the socket and go on by another."""
        await self.drop()
        self.resumed += 1
        await self.connect()

    async def until(self, reached: Callable[[], bool], patience: float | None = PATIENCE) -> None:
        """Wait until *reached* holds, which is looked at whenever something arrives."""
        async with asyncio.timeout(patience):
            while not reached():
                self._news.clear()
                await self._news.wait()

    async def until_seq(self, seq: int, patience: float = PATIENCE) -> None:
        """Wait until an event of that place, or of a later one, has been told."""
        await self.until(lambda: bool(self.told) and self.told[-1].seq >= seq, patience)

    async def until_ended(self, patience: float = PATIENCE) -> End:
        """Wait until the server has ended the subscription, and give how."""
        await self.until(lambda: self.end is not None, patience)
        assert self.end is not None
        return self.end

    async def _open(self) -> ClientConnection:
        options: dict[str, Any] = {"subprotocols": [PROTOCOL], "ping_interval": None, "compression": None}
        if self._reads:
            return await connect(self._url, max_queue=None, **options)
        address = urlsplit(self._url)
        kernel = socket.socket()
        kernel.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        kernel.setblocking(False)
        await asyncio.get_running_loop().sock_connect(kernel, (address.hostname, address.port))
        return await connect(self._url, max_queue=1, sock=kernel, **options)

    async def _send(self, **message: Any) -> None:
        assert self._socket is not None
        await self._socket.send(json.dumps(message))

    async def _read(self, connection: ClientConnection) -> None:
        now = asyncio.get_running_loop().time
        try:
            async for frame in connection:
                self._take(json.loads(frame), now())
                self._news.set()
        except ConnectionClosed:
            pass
        if self.end is None and connection.close_code is not None:
            self.end = End("close", connection.close_code, now())
        self._news.set()

    def _take(self, message: dict[str, Any], time: float) -> None:
        match message["type"]:
            case "next" if "data" in message["payload"] and message["payload"]["data"]:
                data = message["payload"]["data"]["told"]
                self.errors += message["payload"].get("errors", ())
                self.after = data["cursor"]
                self.told.append(Told(seq_of(data["cursor"]), data["__typename"], data, time))
            case "next":
                self.errors += message["payload"]["errors"]
            case "error":
                self.errors += message["payload"]
                self.end = End("error", message["payload"][0]["extensions"]["code"], time)
            case "complete":
                self.end = End("complete", None, time)
