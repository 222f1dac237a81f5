"""Answering on a socket: what runs under the ids that its client gave, each on its own."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import orjson
from starlette.websockets import WebSocketDisconnect

from chatgraph.errors import Invalid, Unauthenticated
from chatgraph.schema.graph import Answer, Question
from chatgraph.schema.live.batches import Batch
from chatgraph.schema.live.beginning import Hearer, Listener, listen
from chatgraph.schema.live.failures import tell_failure
from chatgraph.schema.live.messages import Closed
from chatgraph.schema.live.telling import Live
from chatgraph.schema.live.wire import frame

if TYPE_CHECKING:
    from chatgraph.schema.live.socket import Socket

MOST_OPERATIONS = 50


class Operation:
    """What runs under an id that the client gave, and where its events go."""

    __slots__ = ("_operations", "_wire", "head", "listener", "name")

    def __init__(self, name: str, operations: Operations) -> None:
        self.name = name
        self.head = b'{"id":%b,"type":"next","payload":' % orjson.dumps(name)
        self._wire = operations.socket.wire
        self.listener: Listener | Hearer | None = None
        self._operations = operations

    def stop(self) -> None:
        """Tell nothing more."""
        if self.listener is not None:
            self.listener.stop()

    async def send(self, payload: bytes) -> None:
        """Send an event through ASGI, unless the client has ended the operation."""
        if self._operations.runs(self):
            await self._operations.socket.send_text(self.head + payload + b"}")

    def send_now(self, batch: Batch) -> bool:
        """Send a batch past ASGI, where that is possible."""
        return self._wire is not None and self._wire.write(batch.framed(self.head, frame))

    def wake(self) -> None:
        """Let the listener go on."""
        if self.listener is not None and self._operations.runs(self):
            self._operations.carry_on(self, self.listener.go_on(), answers=False)


class Operations:
    """The operations of one socket, each by the id that the client gave it."""

    __slots__ = ("_by_name", "_live", "answering", "socket", "tasks")

    def __init__(self, live: Live, socket: Socket) -> None:
        self.socket = socket
        self.tasks: set[asyncio.Task[None]] = set()
        self.answering: set[asyncio.Task[None]] = set()
        self._live = live
        self._by_name: dict[str, Operation] = {}

    def begin(self, name: str, question: Question) -> None:
        """Begin to answer a question under a name. Raises `Closed` when the name is taken."""
        if name in self._by_name:
            raise Closed(4409, f"Subscriber for {name} already exists")
        one_too_many = len(self._by_name) >= MOST_OPERATIONS
        operation = self._by_name[name] = Operation(name, self)
        self.carry_on(operation, self._refuse() if one_too_many else self._operate(operation, question))

    def complete(self, name: str) -> None:
        """Tell nothing more under a name."""
        if operation := self._by_name.pop(name, None):
            operation.stop()

    def stop(self) -> None:
        """Tell nothing more under any name."""
        operations = list(self._by_name.values())
        self._by_name.clear()  # what hasn't begun to listen yet won't
        for operation in operations:
            operation.stop()

    def runs(self, operation: Operation) -> bool:
        """Tell whether an operation goes on, as far as its client is concerned."""
        return self._by_name.get(operation.name) is operation

    def carry_on(
        self, operation: Operation, work: Coroutine[Any, Any, bool], *, answers: bool = True
    ) -> None:
        """
        Do what an operation has to do, in a task. It has ended then, unless that gives that it rests.

        Whatever goes wrong with it is told under its id, and leaves the others alone.
        """
        task = asyncio.create_task(self._carry_on(operation, work))
        self.tasks.add(task)
        if answers:
            self.answering.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        self.answering.discard(task)
        self.socket.answered()

    async def _carry_on(self, operation: Operation, work: Coroutine[Any, Any, bool]) -> None:
        rests = False
        try:
            rests = await work
            if not (rests or (self._live.stopping and operation.listener)):
                await self._end(operation, "complete")
        except WebSocketDisconnect:
            pass  # the client is gone
        except Unauthenticated as error:
            self.socket.close(Closed(4401, error.message))
        except Exception as error:
            with suppress(WebSocketDisconnect):
                await self._end(operation, "error", [tell_failure(error)])
        finally:
            if not rests and self.runs(operation):
                del self._by_name[operation.name]

    async def _refuse(self) -> bool:
        raise Invalid(f"At most {MOST_OPERATIONS} operations run on one socket at a time.", "id")

    async def _operate(self, operation: Operation, question: Question) -> bool:
        await self._live.chat.rates.spend_query(self.socket.viewer)
        question = self._live.graph.recall(question)
        if self._live.graph.subscribes(question):
            return await self._listen(operation, question)
        async with self._live.chat.visit(self.socket.viewer) as visit:
            answer = await self._live.graph.ask(visit, question)
        if answer.refused:
            await self._end(operation, "error", answer.errors)
        else:
            await operation.send(orjson.dumps(answer.body()))
        return False

    async def _listen(self, operation: Operation, question: Question) -> bool:
        async with self._live.chat.visit(self.socket.viewer) as visit:
            begun = await self._live.begin(visit, question)
        if isinstance(begun, Answer):
            await self._end(operation, "error", begun.errors)
            return False
        listener = operation.listener = listen(self._live, self.socket.viewer, begun, operation)
        if (task := asyncio.current_task()) is not None:
            self.answering.discard(task)
        return self.runs(operation) and await listener.go_on()

    async def _end(self, operation: Operation, how: str, errors: list[Any] | None = None) -> None:
        if self.runs(operation):
            del self._by_name[operation.name]
            told = {} if errors is None else {"payload": errors}
            await self.socket.send_text(orjson.dumps({"id": operation.name, "type": how, **told}))
