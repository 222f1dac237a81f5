"""`graphql-transport-ws`: queries, mutations and subscriptions over one socket, each by the id its client gave it."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect

from chatgraph.schema.live.answering import Operations
from chatgraph.schema.live.messages import Closed, find_token, read_id, read_message
from chatgraph.schema.live.telling import Live
from chatgraph.schema.live.watching import Watch
from chatgraph.schema.live.wire import Wire
from chatgraph.schema.questions import BadRequest, read_question
from chatgraph.viewer import SESSION_ENDED, Viewer

PROTOCOL = "graphql-transport-ws"
INIT_SECONDS = 5
ANSWER_SECONDS = 5
MOST_SOCKETS = 10
MOST_MESSAGES, MESSAGES_SECONDS = 120, 60


class Socket:
    """One connection, from its handshake to its close."""

    def __init__(self, live: Live, websocket: WebSocket, viewer: Viewer) -> None:
        self._live, self._websocket, self.viewer = live, websocket, viewer
        self.wire = Wire.of(websocket.scope.get("outlet"))
        self._loop = asyncio.get_running_loop()
        self._ready = False
        self._operations = Operations(live, self)
        # Until the client has said who it is, then until that ends.
        self._timer: asyncio.TimerHandle | None = None
        self._received: list[float] = []
        self._counted = False
        self._closing: asyncio.Task[None] | None = None
        self._watch: Watch | None = None

    async def run(self) -> None:
        """Serve the socket until either side closes it."""
        if PROTOCOL not in self._websocket.scope.get("subprotocols", ()):
            await self._websocket.accept()
            await self._websocket.close(4406, f"Only the subprotocol {PROTOCOL} is spoken here.")
            return
        await self._websocket.accept(PROTOCOL)
        self._forget_handshake()
        self._later(INIT_SECONDS, 4408, "Connection initialisation timeout")
        self._live.sockets.add(self)
        try:
            self.answered()
            while await self._handle(await self._websocket.receive()):
                pass
        except Closed as closed:
            self.close(closed)
        except WebSocketDisconnect:
            pass
        finally:
            self._live.sockets.discard(self)
            await self._end()

    @property
    def answering(self) -> set[asyncio.Task[None]]:
        """What is under way and will be answered."""
        return self._operations.answering

    def stop(self) -> None:
        """Close the socket, so that its client connects again, once all that is under way is answered."""
        if not self.answering:
            self.close(Closed(1012, "The server restarts."))

    def close(self, closed: Closed) -> None:
        """Close the socket, once."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close(closed))

    async def _close(self, closed: Closed) -> None:
        self._operations.stop()
        with suppress(RuntimeError, WebSocketDisconnect):  # the client may have been faster
            await self._websocket.close(closed.code, closed.reason)

    async def _end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._operations.stop()
        try:
            if self._closing is not None:
                await self._closing
            if self._operations.tasks:
                # What is under way ends by itself: cancelling a query would cost its connection to the database.
                _, stuck = await asyncio.wait(self._operations.tasks, timeout=10)
                for task in stuck:
                    task.cancel()
        finally:
            if self._watch is not None:
                self._watch.end()
            if self._counted:
                self._live.disconnect("socket", self.viewer)

    def _later(self, seconds: float, code: int, reason: str) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(max(0, seconds), self._time_out, code, reason)

    def _time_out(self, code: int, reason: str) -> None:
        self.close(Closed(code, reason))

    async def _handle(self, frame: Any) -> bool:
        """Do what a frame says, and give whether others may follow."""
        if frame["type"] == "websocket.disconnect":
            return False
        if self._closing is None:
            await self._obey(frame)
        return True

    async def _obey(self, frame: Any) -> None:
        self._count()
        message = read_message(frame)
        match message["type"]:
            case "connection_init":
                await self._init(message.get("payload"))
            case "ping":
                payload = {"payload": message["payload"]} if "payload" in message else {}
                try:
                    await self._send({"type": "pong", **payload})
                except orjson.JSONEncodeError:
                    raise Closed(4400, "Invalid message: the payload is nested too deeply.") from None
            case "pong":
                pass
            case "subscribe":
                self._subscribe(message)
            case "complete":
                self._operations.complete(read_id(message))
            case other:
                raise Closed(4400, f"Invalid message: there is no type {other!r}.")

    def _count(self) -> None:
        now = self._loop.time()
        while self._received and now - self._received[0] >= MESSAGES_SECONDS:
            self._received.pop(0)
        if len(self._received) == MOST_MESSAGES:
            raise Closed(4429, f"Too many messages: {MOST_MESSAGES} in {MESSAGES_SECONDS} s are allowed.")
        self._received.append(now)

    async def _init(self, payload: Any) -> None:
        if self._ready:
            raise Closed(4429, "Too many initialisation requests")
        if payload is not None and not isinstance(payload, dict):
            raise Closed(4400, "Invalid message: the payload must be an object.")
        if token := find_token(payload or {}):
            viewer = self.viewer
            self.viewer = self._live.chat.recognise(token, viewer.address, viewer.agent)
        if self.viewer.refusal is not None:
            raise Closed(4401 if self.viewer.refusal == SESSION_ENDED else 4403, self.viewer.refusal)
        if self.viewer.session_id is not None:
            self._watch = Watch(self._live, self.viewer, self._sign_out)
            if not await self._watch.begin():
                raise Closed(4401, SESSION_ENDED)
        if self._timer is not None:
            self._timer.cancel()
        if (expires := self.viewer.expire_time) is not None:
            seconds = (expires - datetime.now(UTC)).total_seconds()
            self._later(seconds, 4403, "The access token has expired; connect again with a fresh one.")
        self._counted = True
        if not self._live.connect("socket", self.viewer, MOST_SOCKETS):
            whose = "address without a token" if self.viewer.user_id is None else "user"
            raise Closed(4429, f"Too many sockets: {MOST_SOCKETS} of one {whose} are allowed.")
        self._ready = True
        await self._send({"type": "connection_ack"})

    async def _sign_out(self) -> None:
        """Close the socket, once what is under way is answered: it may be what ended the session."""
        if self.answering:
            await asyncio.wait(self.answering, timeout=ANSWER_SECONDS)
        self.close(Closed(4401, SESSION_ENDED))

    def _subscribe(self, message: dict[str, Any]) -> None:
        if not self._ready:
            raise Closed(4401, "Unauthorized")
        if self._live.stopping:
            return  # the client is about to be told to ask again elsewhere
        name = read_id(message)
        try:
            question = read_question(message.get("payload"))
        except BadRequest as error:
            raise Closed(4400, f"Invalid message: {error.message}") from None
        self._operations.begin(name, question)

    def answered(self) -> None:
        """Close the socket if the server stops, and this was the last that was under way."""
        if self._live.stopping:
            self.stop()

    async def send_text(self, message: bytes) -> None:
        """Send a message through ASGI. Raises `WebSocketDisconnect` when the client is gone."""
        try:
            await self._websocket.send_text(message.decode())
        except RuntimeError:  # a close was sent, or came, before
            raise WebSocketDisconnect(1006) from None

    def _forget_handshake(self) -> None:
        """Let go of what only the handshake needed: sockets stay open for days."""
        self._websocket.scope["headers"].clear()
        if self.wire is not None:
            self.wire.forget_handshake()

    async def _send(self, message: dict[str, Any]) -> None:
        await self.send_text(orjson.dumps(message))
