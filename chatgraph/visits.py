"""Visits: what one viewer asks and does in one request, each write in one transaction, all reads in one snapshot."""

from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Any, Concatenate, Generic, NamedTuple, ParamSpec, Protocol, Self, TypeVar

from chatgraph.credentials.endings import Endings
from chatgraph.credentials.passwords import Passwords
from chatgraph.credentials.tokens import Tokens
from chatgraph.errors import ChatError
from chatgraph.events.hub import Telling
from chatgraph.events.presence import Presence
from chatgraph.models import Registration, Room, Seen
from chatgraph.operations.memory import Memory
from chatgraph.operations.places import place_of
from chatgraph.operations.rates import Rates
from chatgraph.operations.work import Operation, Steps, Work
from chatgraph.store.connections import TransactionalConnection
from chatgraph.store.database import Database, telling_unavailable
from chatgraph.store.proving import Proving, SessionEnded
from chatgraph.store.rows import Connection
from chatgraph.turns import Turns
from chatgraph.viewer import SESSION_ENDED, Viewer

Given = ParamSpec("Given")
Result = TypeVar("Result")


class Done(NamedTuple, Generic[Result]):
    """What a write gave, and what others shall hear of it once it is committed."""

    result: Result
    tellings: list[Telling]
    signed_out: list[int]
    whispered: list[tuple[Hashable, Any]]


class VisitEnded(Exception):
    """Raised for who asks once a visit has ended, as what nobody waits for any more may: they are told nothing."""


class Parts(Protocol):
    """The parts that visits work with: a `Chat`."""

    database: Database
    passwords: Passwords
    tokens: Tokens
    endings: Endings
    rates: Rates
    registration: Registration
    presence: Presence
    memory: Memory

    def tell(self, done: Done[Any]) -> None:
        """Tell others what was committed."""
        ...

    def whisper(self, whispered: list[tuple[Hashable, Any]]) -> None:
        """Tell others what is never kept."""
        ...


class Visit:
    """
    What one viewer asks and does in one request.

    All that is asked is read from one snapshot, taken at the first question and again after each write: whatever
    stands side by side in an answer was true at the same moment. Questions take turns on its connection. The viewer's
    session is part of it: once it has ended, nothing more is read or written for them.
    """

    def __init__(self, chat: Parts, viewer: Viewer) -> None:
        self.chat = chat
        self.viewer = viewer
        self.passwords = chat.passwords
        self.tokens = chat.tokens
        self.registration = chat.registration
        self._turns = Turns()
        self._snapshot: TransactionalConnection | None = None
        self._reading: Work | None = None
        self._ended = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._ended = True
        await self.let_go()

    async def ask(
        self, operation: Operation[Given, Result], *given: Given.args, **named: Given.kwargs
    ) -> Result:
        """Run a read. Raises `VisitEnded`, and what the operation raises."""
        if not self._turns.take():
            await self._turns.wait()
        try:
            with telling_unavailable:
                if (work := self._reading) is None:
                    work, result = await self._begin_reading(operation, given, named)
                else:
                    result = await operation(work, *given, **named)
            whispered, work.whispered = work.whispered, []
        finally:
            self._turns.leave()
        if whispered:
            self.chat.whisper(whispered)
        return result

    async def perform(
        self, operation: Operation[Given, Result], *given: Given.args, **named: Given.kwargs
    ) -> Result:
        """Run a write and give its result once that is durable. Raises `RateLimited` and what the operation raises."""
        await self._spend(operation, given)

        place = place_of(operation, self.viewer, given)

        async def change(db: Connection) -> Done[Result]:
            work, result = await self._begin(db, operation, given, named)
            return Done(result, await work.keep_told(), work.signed_out, work.whispered)

        return (await self.chat.database.write(change, self.chat.tell, place)).result

    async def carry_out(
        self,
        operation: Callable[Concatenate[Steps, Given], Awaitable[Result]],
        *given: Given.args,
        **named: Given.kwargs,
    ) -> Result:
        """Run an operation of several transactions. Raises `RateLimited` and what the operation raises."""
        await self._spend(operation, given)
        return await operation(_Strides(self.chat, self.viewer), *given, **named)

    async def prove(self) -> bool:
        """Tell whether the viewer's session goes on; they are nobody otherwise. Raises `Unavailable`."""
        await self.ask(_nothing)
        return self.viewer.session_id is not None

    def seen(self, room_id: int) -> Seen[Room] | None:
        """Give what was found of a room in the snapshot that is read; None where nothing was."""
        return None if self._reading is None else self._reading.sights.rooms.get(room_id)

    async def _begin_reading(
        self, operation: Operation[..., Result], given: Any, named: Any
    ) -> tuple[Work, Result]:
        """Take a snapshot, in which one work reads all that is asked, and ask the first."""
        if self._ended:
            raise VisitEnded  # nobody would give the snapshot back
        if self._snapshot is None:
            self._snapshot = await self.chat.database.readers.join()
        self._reading, result = await self._begin(self._snapshot, operation, given, named, self.chat.memory)
        return self._reading, result

    async def _begin(
        self,
        db: Connection,
        operation: Operation[..., Result],
        given: Any,
        named: Any,
        memory: Memory | None = None,
    ) -> tuple[Work, Result]:
        """Begin a transaction with an operation: for the viewer, if their session goes on in it, else for nobody."""
        work = Work(db, self.viewer, memory=memory)
        user_id, session_id = self.viewer.user_id, self.viewer.session_id
        if user_id is None or session_id is None:
            return work, await operation(work, *given, **named)
        work.db = proving = Proving(db, user_id, session_id, work.now)
        try:
            try:
                result = await operation(work, *given, **named)
            except ChatError:
                await proving.prove()
                raise
            await proving.prove()
        except SessionEnded:
            self.chat.endings.add(user_id, session_id)
            self.viewer = self.viewer._replace(user_id=None, session_id=None, refusal=SESSION_ENDED)
            work = Work(db, self.viewer, memory=memory)
            return work, await operation(work, *given, **named)
        work.db = db
        return work, result

    async def _spend(self, operation: Callable[..., Any], given: Sequence[Any]) -> None:
        """Count an attempt. Whose session has ended uses up nothing that would be missed for long."""
        if self.viewer.session_id is not None and self.chat.rates.last_for_user(operation):
            await self.prove()
        await self.chat.rates.spend(operation, self.viewer, given)
        await self.let_go()

    async def let_go(self) -> None:
        """End the snapshot; the next question takes a new one."""
        if not self._turns.take():
            await self._turns.wait()
        try:
            if self._snapshot is not None:
                self.chat.database.readers.give_back(self._snapshot)
                self._snapshot = self._reading = None
        finally:
            self._turns.leave()


async def _nothing(_: Work) -> None:
    """Ask for no more than whether the session goes on."""


class _Strides(Visit):
    """The steps of one operation: between them no snapshot is held, since what comes between takes long."""

    async def ask(
        self, operation: Operation[Given, Result], *given: Given.args, **named: Given.kwargs
    ) -> Result:
        try:
            return await super().ask(operation, *given, **named)
        finally:
            await self.let_go()
