"""`graphql-transport-ws`: queries, mutations and subscriptions over one socket, each by the id its client gave it."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
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

    __slots__ = ("_socket", "_wire", "head", "listener", "name")

    def __init__(self, name: str, socket: "Socket") -> None:
        self.name = name
        self.head = b'{"id":%b,"type":"next","payload":' % orjson.dumps(name)
        self._wire = socket.wire
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
        return self._wire is not None and self._wire.write(batch.framed(self.head, frame))

    def wake(self) -> None:
        """Let the listener go on."""
        if self.listener is not None and self._socket.runs(self):
            self._socket.carry_on(self, self.listener.go_on(), answers=False)


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
        # Until the client has said who it is, then until that ends.
        self._timer: asyncio.TimerHandle | None = None
        self._received: list[float] = []
        self._counted = False
        self._closing: asyncio.Task[None] | None = None

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
            self._close_if_stopping()
            while await self._handle(await self._websocket.receive()):
                pass
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
        operations = list(self._operations.values())
        self._operations.clear()  # what hasn't begun to listen yet won't
        for operation in operations:
            operation.stop()

    async def _end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._stop_listening()
        try:
            if self._closing is not None:
                await self._closing
            if self._tasks:
                # What is under way ends by itself: cancelling a query would cost its connection to the database.
                _, stuck = await asyncio.wait(self._tasks, timeout=10)
                for task in stuck:
                    task.cancel()
        finally:
            if self._counted:
                self._live.disconnect("socket", self._viewer)

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
                if operation := self._operations.pop(read_id(message), None):
                    operation.stop()
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
            viewer = self._viewer
            self._viewer = self._live.chat.recognise(token, viewer.address, viewer.agent)
        if self._viewer.refusal is not None:
            raise Closed(4403, self._viewer.refusal)
        if self._timer is not None:
            self._timer.cancel()
        if (expires := self._viewer.expire_time) is not None:
            seconds = (expires - datetime.now(UTC)).total_seconds()
            self._later(seconds, 4403, "The access token has expired; connect again with a fresh one.")
        self._counted = True
        if not self._live.connect("socket", self._viewer, MOST_SOCKETS):
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
        operation = self._operations[name] = Operation(name, self)
        self.carry_on(operation, self._refuse() if one_too_many else self._operate(operation, question))

    def carry_on(
        self, operation: Operation, work: Coroutine[Any, Any, bool], *, answers: bool = True
    ) -> None:
        """
        Do what an operation has to do, in a task. It has ended then, unless that gives that it rests.

        Whatever goes wrong with it is told under its id, and leaves the others alone.
        """
        task = asyncio.create_task(self._carry_on(operation, work))
        self._tasks.add(task)
        if answers:
            self.answering.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self.answering.discard(task)
        self._close_if_stopping()

    def _close_if_stopping(self) -> None:
        if self._live.stopping:
            self.stop()

    async def _carry_on(self, operation: Operation, work: Coroutine[Any, Any, bool]) -> None:
        rests = False
        try:
            rests = await work
            if not (rests or (self._live.stopping and operation.listener)):
                await self._end_operation(operation, "complete")
        except Unauthenticated as error:
            self.close(Closed(4401, error.message))
        except ChatError as error:
            told = [{"message": error.message, "extensions": error.extensions}]
            await self._end_operation(operation, "error", told)
        except (RuntimeError, WebSocketDisconnect):
            pass  # the client is gone
        finally:
            if not rests and self.runs(operation):
                del self._operations[operation.name]

    async def _refuse(self) -> bool:
        raise Invalid(f"At most {MOST_OPERATIONS} operations run on one socket at a time.", "id")

    async def _operate(self, operation: Operation, question: Question) -> bool:
        await self._live.chat.rates.spend_query(self._viewer)
        if self._live.graph.subscribes(question):
            return await self._listen(operation, question)
        async with self._live.chat.visit(self._viewer) as visit:
            answer = await self._live.graph.ask(visit, question)
        if answer.refused:
            await self._end_operation(operation, "error", answer.errors)
        else:
            await operation.send(orjson.dumps(answer.body()))
        return False

    async def _listen(self, operation: Operation, question: Question) -> bool:
        async with self._live.chat.visit(self._viewer) as visit:
            begun = await self._live.begin(visit, question)
        if isinstance(begun, Answer):
            await self._end_operation(operation, "error", begun.errors)
            return False
        listener = operation.listener = listen(self._live, self._viewer, begun, operation)
        if (task := asyncio.current_task()) is not None:
            self.answering.discard(task)
        return self.runs(operation) and await listener.go_on()

    def runs(self, operation: Operation) -> bool:
        """Tell whether an operation goes on, as far as its client is concerned."""
        return self._operations.get(operation.name) is operation

    async def send_text(self, message: bytes) -> None:
        """Send a message through ASGI."""
        await self._websocket.send_text(message.decode())

    def _forget_handshake(self) -> None:
        """Let go of what only the handshake needed: sockets stay open for days."""
        self._websocket.scope["headers"].clear()
        if self.wire is not None:
            self.wire.forget_handshake()

    async def _end_operation(self, operation: Operation, how: str, errors: list[Any] | None = None) -> None:
        if self.runs(operation):
            del self._operations[operation.name]
            told = {} if errors is None else {"payload": errors}
            await self._send({"id": operation.name, "type": how, **told})

    async def _send(self, message: dict[str, Any]) -> None:
        await self.send_text(orjson.dumps(message))
