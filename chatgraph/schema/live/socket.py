"""`graphql-transport-ws`: queries, mutations and subscriptions over one socket, each by the id its client gave it."""

import asyncio
from collections import deque
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from typing import Any

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect

from chatgraph.errors import ChatError, Invalid, Unauthenticated
from chatgraph.schema.graph import Answer, Question
from chatgraph.schema.live.batches import Batch
from chatgraph.schema.live.listening import Hearer, Listener, listen
from chatgraph.schema.live.messages import Closed, find_token, read_id, read_message
from chatgraph.schema.live.telling import Live
from chatgraph.schema.live.wire import Wire, frame
from chatgraph.schema.questions import BadRequest, read_question
from chatgraph.viewer import Viewer

PROTOCOL = "graphql-transport-ws"
INIT_SECONDS = 5
MOST_OPERATIONS = 50
MOST_SOCKETS = 10
MOST_MESSAGES, MESSAGES_SECONDS = 120, 60


class Operation:
    """What runs under an id that the client gave, and where its events go."""

    def __init__(self, name: str, socket: "Socket", *, one_too_many: bool) -> None:
        self.name, self.one_too_many = name, one_too_many
        self.head = b'{"id":' + orjson.dumps(name) + b',"type":"next","payload":'
        self.listener: Listener | Hearer | None = None
        self._socket = socket

    def stop(self) -> None:
        """Tell nothing more."""
        if self.listener is not None:
            self.listener.stop()

    async def send(self, payload: bytes) -> None:
        """Send an event through ASGI, unless the client has ended the operation."""
        if self._socket.runs(self):
            await self._socket.send_text(self.head + payload + b"}")

    def send_now(self, batch: Batch) -> bool:
        """Send a batch past ASGI, where that is possible."""
        wire = self._socket.wire
        return wire is not None and self._socket.runs(self) and wire.write(batch.framed(self.head, frame))


class Socket:
    """One connection, from its handshake to its close."""

    def __init__(self, live: Live, websocket: WebSocket, viewer: Viewer) -> None:
        self._live, self._websocket, self._viewer = live, websocket, viewer
        self.wire = Wire.of(websocket.scope.get("outlet"))
        self._loop = asyncio.get_running_loop()
        self._ready = False
        self._operations: dict[str, Operation] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.answering: set[asyncio.Task[None]] = set()
        self._timers: list[asyncio.TimerHandle] = []
        self._received: deque[float] = deque(maxlen=MOST_MESSAGES)
        self._counted = ExitStack()
        self._closing: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Serve the socket until either side closes it."""
        if PROTOCOL not in self._websocket.scope.get("subprotocols", ()):
            await self._websocket.accept()
            await self._websocket.close(4406, f"Only the subprotocol {PROTOCOL} is spoken here.")
            return
        await self._websocket.accept(PROTOCOL)
        self._later(INIT_SECONDS, Closed(4408, "Connection initialisation timeout"))
        self._live.sockets.add(self)
        try:
            self._close_if_stopping()
            while True:
                message = await self._websocket.receive()
                if message["type"] == "websocket.disconnect":
                    break
                if self._closing is None:
                    await self._handle(message)
        except Closed as closed:
            self.close(closed)
        except WebSocketDisconnect:
            pass
        finally:
            self._live.sockets.discard(self)
            await self._end()

    def stop(self) -> None:
        """Close the socket, so that its client connects again, once all that is under way is answered."""
        if not self.answering:
            self.close(Closed(1012, "The server restarts."))

    def close(self, closed: Closed) -> None:
        """Close the socket, once."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close(closed))

    async def _close(self, closed: Closed) -> None:
        self._stop_listening()
        with suppress(RuntimeError, WebSocketDisconnect):  # the client may have been faster
            await self._websocket.close(closed.code, closed.reason)

    def _stop_listening(self) -> None:
        for operation in self._operations.values():
            operation.stop()
        self._operations.clear()  # what hasn't begun to listen yet won't

    async def _end(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._stop_listening()
        with self._counted:
            if self._closing is not None:
                await self._closing
            if self._tasks:
                # What is under way ends by itself: cancelling a query would cost its connection to the database.
                _, stuck = await asyncio.wait(self._tasks, timeout=10)
                for task in stuck:
                    task.cancel()

    def _later(self, seconds: float, closed: Closed) -> None:
        def act() -> None:
            if closed.code != 4408 or not self._ready:
                self.close(closed)

        self._timers.append(self._loop.call_later(max(0, seconds), act))

    async def _handle(self, frame: Any) -> None:
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
                if operation := self._operations.pop(read_id(message), None):
                    operation.stop()
            case other:
                raise Closed(4400, f"Invalid message: there is no type {other!r}.")

    def _count(self) -> None:
        now = self._loop.time()
        if len(self._received) == MOST_MESSAGES and now - self._received[0] < MESSAGES_SECONDS:
            raise Closed(4429, f"Too many messages: {MOST_MESSAGES} in {MESSAGES_SECONDS} s are allowed.")
        self._received.append(now)

    async def _init(self, payload: Any) -> None:
        if self._ready:
            raise Closed(4429, "Too many initialisation requests")
        if payload is not None and not isinstance(payload, dict):
            raise Closed(4400, "Invalid message: the payload must be an object.")
        if token := find_token(payload or {}):
            viewer = self._viewer
            self._viewer = self._live.chat.recognise(token, viewer.address, viewer.agent)
        if self._viewer.refusal is not None:
            raise Closed(4403, self._viewer.refusal)
        if (expires := self._viewer.expire_time) is not None:
            seconds = (expires - datetime.now(UTC)).total_seconds()
            self._later(
                seconds, Closed(4403, "The access token has expired; connect again with a fresh one.")
            )
        if not self._counted.enter_context(self._live.connected("socket", self._viewer, MOST_SOCKETS)):
            whose = "address without a token" if self._viewer.user_id is None else "user"
            raise Closed(4429, f"Too many sockets: {MOST_SOCKETS} of one {whose} are allowed.")
        self._ready = True
        await self._send({"type": "connection_ack"})

    def _subscribe(self, message: dict[str, Any]) -> None:
        if not self._ready:
            raise Closed(4401, "Unauthorized")
        if self._live.stopping:
            return  # the client is about to be told to ask again elsewhere
        name = read_id(message)
        if name in self._operations:
            raise Closed(4409, f"Subscriber for {name} already exists")
        try:
            question = read_question(message.get("payload"))
        except BadRequest as error:
            raise Closed(4400, f"Invalid message: {error.message}") from None
        one_too_many = len(self._operations) >= MOST_OPERATIONS
        operation = self._operations[name] = Operation(name, self, one_too_many=one_too_many)
        task = asyncio.create_task(self._operate(operation, question))
        self._tasks.add(task)
        self.answering.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self.answering.discard(task)
        self._close_if_stopping()

    def _close_if_stopping(self) -> None:
        if self._live.stopping:
            self.stop()

    async def _operate(self, operation: Operation, question: Question) -> None:
        """Answer one operation; whatever goes wrong with it is told under its id, and leaves the others alone."""
        try:
            if operation.one_too_many:
                raise Invalid(f"At most {MOST_OPERATIONS} operations run on one socket at a time.", "id")
            await self._live.chat.rates.spend_query(self._viewer)
            if self._live.graph.subscribes(question):
                await self._listen(operation, question)
            else:
                async with self._live.chat.visit(self._viewer) as visit:
                    answer = await self._live.graph.ask(visit, question)
                if answer.refused:
                    return await self._end_operation(operation, "error", answer.errors)
                await operation.send(orjson.dumps(answer.body()))
            if not (self._live.stopping and operation.listener):
                await self._end_operation(operation, "complete")
        except Unauthenticated as error:
            self.close(Closed(4401, error.message))
        except ChatError as error:
            told = [{"message": error.message, "extensions": error.extensions}]
            await self._end_operation(operation, "error", told)
        except (RuntimeError, WebSocketDisconnect):
            pass  # the client is gone
        finally:
            if self.runs(operation):
                del self._operations[operation.name]
        return None

    async def _listen(self, operation: Operation, question: Question) -> None:
        async with self._live.chat.visit(self._viewer) as visit:
            begun = await self._live.begin(visit, question)
        if isinstance(begun, Answer):
            return await self._end_operation(operation, "error", begun.errors)
        listener = operation.listener = listen(self._live, self._viewer, begun, operation)
        if (task := asyncio.current_task()) is not None:
            self.answering.discard(task)
        if self.runs(operation):
            await listener.run()
        return None

    def runs(self, operation: Operation) -> bool:
        """Tell whether an operation goes on, as far as its client is concerned."""
        return self._operations.get(operation.name) is operation

    async def send_text(self, message: bytes) -> None:
        """Send a message through ASGI."""
        await self._websocket.send_text(message.decode())

    async def _end_operation(self, operation: Operation, how: str, errors: list[Any] | None = None) -> None:
        if self.runs(operation):
            del self._operations[operation.name]
            told = {} if errors is None else {"payload": errors}
            await self._send({"id": operation.name, "type": how, **told})

    async def _send(self, message: dict[str, Any]) -> None:
        await self.send_text(orjson.dumps(message))
