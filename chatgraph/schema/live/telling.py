"""What all who listen share: how a subscription begins, how an event is written out, and when all of it ends."""

from __future__ import annotations

import asyncio
import inspect
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakKeyDictionary, WeakValueDictionary

import orjson
from graphql import ExecutionResult

from chatgraph.chat import Chat, Visit
from chatgraph.executor import Operation
from chatgraph.schema.context import Context
from chatgraph.schema.graph import Answer, Graph, Question
from chatgraph.schema.limits import exceeds, too_large
from chatgraph.schema.live.batches import Written
from chatgraph.schema.live.feeds import Feed
from chatgraph.schema.live.groups import Group
from chatgraph.schema.live.operations import Subscribed
from chatgraph.schema.live.pulses import Pulses
from chatgraph.schema.masking import tell
from chatgraph.viewer import Viewer

if TYPE_CHECKING:
    from chatgraph.schema.live.socket import Socket

MOST_BYTES = 1024 * 1024
TOGETHER = 10
# An event of more bytes is refused. One of few values is no larger than 24 KB for each, and measured once it is written.
LARGEST_EVENT, FEW_VALUES = 512 * 1024, 100


class Stoppable(Protocol):
    """Somebody who listens until they are stopped."""

    def stop(self) -> None:
        """Tell nothing more."""
        ...


class Live:
    """The feeds, and who listens by which connections."""

    def __init__(self, chat: Chat, graph: Graph) -> None:
        self.chat = chat
        self.graph = graph
        self.feeds: dict[Hashable, Feed] = {}
        self.listeners: set[Stoppable] = set()
        self.sockets: set[Socket] = set()
        self._groups: WeakValueDictionary[Hashable, Group] = WeakValueDictionary()
        # How large the events of an operation have been of late.
        self._largest: WeakKeyDictionary[Operation, int] = WeakKeyDictionary()
        self.stopping = False
        self.pulses = Pulses(chat)
        self._connections: Counter[tuple[str, int | str | None]] = Counter()

    def group(self, subscribed: Subscribed, user_id: int) -> Group:
        """Give the group of those for whom an event is written once, a user being one of them."""
        key = subscribed.shared_by(user_id)
        if (group := self._groups.get(key)) is None:
            group = self._groups[key] = Group(key, subscribed, self)
        return group

    @contextmanager
    def connected(self, kind: str, viewer: Viewer, most: int) -> Iterator[bool]:
        """Count a connection of a viewer as long as it lasts, as `connect` does."""
        try:
            yield self.connect(kind, viewer, most)
        finally:
            self.disconnect(kind, viewer)

    def connect(self, kind: str, viewer: Viewer, most: int) -> bool:
        """
        Count a connection of a user until `disconnect`, and give whether it is one of the *most* they may have.

        Who isn't signed in is counted by their address; one that is left out of the rates has no bound here either.
        """
        key = _whose(kind, viewer)
        self._connections[key] += 1
        if viewer.user_id is not None:
            self.chat.presence.came(viewer.user_id)
        return key[1] is None or self._connections[key] <= most

    def disconnect(self, kind: str, viewer: Viewer) -> None:
        """Count a connection no more."""
        key = _whose(kind, viewer)
        if viewer.user_id is not None:
            self.chat.presence.went(viewer.user_id)
        self._connections[key] -= 1
        if not self._connections[key]:
            del self._connections[key]

    def stop(self) -> None:
        """Tell nobody anything more: streams end without a `complete`, so that their clients connect again."""
        self.stopping = True
        for one in [*self.listeners, *self.sockets]:
            one.stop()

    async def finish(self, seconds: float) -> None:
        """Stop, and wait until the queries and mutations under way on sockets are answered, but not for longer."""
        self.stop()
        answering = {task for socket in self.sockets for task in socket.answering}
        if answering:
            await asyncio.wait(answering, timeout=seconds)

    async def begin(self, visit: Visit, question: Question) -> Subscribed | Answer:
        """Begin a subscription for the visit's viewer, or give the answer that refuses it."""
        operation = self.graph.prepare(question)
        if isinstance(operation, Answer):
            return operation
        source = operation.subscribe(Context(visit), question.variables)
        if inspect.isawaitable(source):
            source = await source
        if isinstance(source, ExecutionResult):
            return Answer(None, [tell(error) for error in source.errors or ()], refused=True)
        return Subscribed(question, operation, source)

    async def write(
        self, visit: Visit, subscribed: Subscribed, events: Sequence[tuple[int, object]]
    ) -> list[Written]:
        """
        Write events out as the visit's viewer sees them, each at its seq: all, or the first that fill `MOST_BYTES`.

        In place of one that is larger than `LARGEST_EVENT` stands that it is.
        """
        operation = subscribed.operation
        variables = operation.coerce(subscribed.question.variables)
        if not events or isinstance(variables, list):
            return []
        context = Context(visit)

        async def one(event: object) -> bytes | None:
            result = operation.execute(context, variables, event)
            return _write(result if isinstance(result, ExecutionResult) else await result)

        written: list[Written] = []
        left = MOST_BYTES
        while len(written) < len(events) and left > 0:
            part = events[len(written) : len(written) + self._together(operation, left)]
            payloads = await asyncio.gather(*(one(event) for _, event in part))
            if operation.fallbacks:
                self.graph.fallbacks.take(operation)
            self._note_sizes(operation, payloads)
            for (seq, _), payload in zip(part, payloads, strict=True):
                if left > 0:
                    written.append(Written(seq, payload or _refuse()))
                    left -= len(written[-1].payload)
        return written

    def _together(self, operation: Operation, most: int) -> int:
        """Give how many events are written at once: the first of an operation alone, then as many as will fit."""
        largest = self._largest.get(operation, MOST_BYTES)
        return max(1, min(TOGETHER, most // largest))

    def _note_sizes(self, operation: Operation, payloads: Sequence[bytes | None]) -> None:
        largest = max(MOST_BYTES if payload is None else len(payload) for payload in payloads)
        self._largest[operation] = max(largest, self._largest.get(operation, 0) // 2)


def _whose(kind: str, viewer: Viewer) -> tuple[str, int | str | None]:
    return kind, viewer.address if viewer.user_id is None else viewer.user_id


def _write(result: ExecutionResult) -> bytes | None:
    """Write an event; None if it is too large."""
    if exceeds(result, LARGEST_EVENT, FEW_VALUES):
        return None
    payload = _body(result)
    return payload if len(payload) <= LARGEST_EVENT else None


def _refuse() -> bytes:
    told = f"This event is too large: it has more than {LARGEST_EVENT} bytes. Ask for less."
    return _body(too_large(told))


def _body(result: ExecutionResult) -> bytes:
    body: dict[str, Any] = {"data": result.data}
    if result.errors:
        body = {"errors": [tell(error) for error in result.errors], **body}
    return orjson.dumps(body)
