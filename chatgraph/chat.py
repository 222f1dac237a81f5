"""The one way in: a door names an operation, `Chat` runs it for one viewer in one transaction."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Concatenate, ParamSpec, TypeVar

from chatgraph.credentials.passwords import Passwords
from chatgraph.credentials.tokens import Tokens
from chatgraph.errors import Unauthenticated, Unavailable
from chatgraph.models import Registration, Window
from chatgraph.operations.houses import list_every_house
from chatgraph.operations.rates import Rates
from chatgraph.operations.sessions import session_lives
from chatgraph.operations.work import Operation, Steps, Work
from chatgraph.store.cleanup import take_away
from chatgraph.store.database import Database, telling_unavailable
from chatgraph.store.rows import Connection
from chatgraph.viewer import ANONYMOUS, Viewer

Given = ParamSpec("Given")
Result = TypeVar("Result")


class Visit:
    """
    What one viewer asks and does in one request.

    All that is asked is read from one snapshot, taken at the first question and again after each write: whatever
    stands side by side in an answer was true at the same moment. Questions take turns on its connection. The viewer's
    session is part of it: once it has ended, nothing more is read or written for them.
    """

    def __init__(self, chat: "Chat", viewer: Viewer) -> None:
        self.chat = chat
        self.viewer = viewer
        self.passwords = chat.passwords
        self.tokens = chat.tokens
        self.registration = chat.registration
        self._turn = asyncio.Lock()
        self._held = AsyncExitStack()
        self._snapshot: Connection | None = None

    async def ask(
        self, operation: Operation[Given, Result], *given: Given.args, **named: Given.kwargs
    ) -> Result:
        """Run a read."""
        async with self._turn:
            if self._snapshot is None:
                self._snapshot = await self._held.enter_async_context(self.chat.database.reading())
                with telling_unavailable():
                    await self._recognise(self._snapshot)
            with telling_unavailable():
                return await operation(Work(self._snapshot, self.viewer), *given, **named)

    async def perform(
        self, operation: Operation[Given, Result], *given: Given.args, **named: Given.kwargs
    ) -> Result:
        """Run a write and give its result once that is durable. Raises `RateLimited` and what the operation raises."""
        await self.chat.rates.spend(operation, self.viewer, given)
        await self.let_go()

        async def change(db: Connection) -> Result:
            await self._recognise(db)
            work = Work(db, self.viewer)
            result = await operation(work, *given, **named)
            await work.keep_told()
            return result

        return await self.chat.database.writer.write(change)

    async def carry_out(
        self,
        operation: Callable[Concatenate[Steps, Given], Awaitable[Result]],
        *given: Given.args,
        **named: Given.kwargs,
    ) -> Result:
        """Run an operation of several transactions. Raises `RateLimited` and what the operation raises."""
        await self.chat.rates.spend(operation, self.viewer, given)
        await self.let_go()
        return await operation(_Strides(self.chat, self.viewer), *given, **named)

    async def _recognise(self, db: Connection) -> None:
        """See that the viewer's session goes on, in the transaction in which they ask or write; else they are nobody."""
        if not await session_lives(Work(db, self.viewer)):
            ended = "The session has ended; sign in again."
            self.viewer = replace(self.viewer, user_id=None, session_id=None, refusal=ended)

    async def let_go(self) -> None:
        """End the snapshot; the next question takes a new one."""
        async with self._turn:
            self._snapshot = None
            await self._held.aclose()


class _Strides(Visit):
    """The steps of one operation: between them no snapshot is held, since what comes between takes long."""

    async def ask(
        self, operation: Operation[Given, Result], *given: Given.args, **named: Given.kwargs
    ) -> Result:
        try:
            return await super().ask(operation, *given, **named)
        finally:
            await self.let_go()


class Chat:
    """The parts that operations work with, and who may use them."""

    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        tokens: Tokens,
        rates: Rates,
        registration: Registration = Registration.OPEN,
    ) -> None:
        self.database = database
        self.passwords = passwords
        self.tokens = tokens
        self.rates = rates
        self.registration = registration
        self._cleaning: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Open the database and begin to take away, now and then, what was deleted."""
        await self.database.open()
        self._cleaning = asyncio.create_task(self._clean(), name="cleanup")

    async def close(self) -> None:
        """Finish what is under way and let go of everything."""
        if self._cleaning is not None:
            self._cleaning.cancel()
            await asyncio.gather(self._cleaning, return_exceptions=True)
        await self.database.close()
        self.passwords.close()

    async def check(self) -> None:
        """Prove that queries can be answered. Raises `Unavailable`."""
        async with self.visit() as visit:
            await visit.ask(list_every_house, Window(1))

    @asynccontextmanager
    async def visit(self, viewer: Viewer = ANONYMOUS) -> AsyncIterator[Visit]:
        """Give what one viewer asks and does in one request."""
        visit = Visit(self, viewer)
        try:
            yield visit
        finally:
            await visit.let_go()

    def recognise(self, token: str | None, address: str | None, agent: str) -> Viewer:
        """
        Tell who sends this access token, before their session is asked for (`Visit` does that).

        A token that is no good makes a viewer who is nobody, and is told why where it matters.
        """
        nobody = Viewer(address=address, agent=agent)
        if token is None:
            return nobody
        try:
            access = self.tokens.read_access(token)
        except Unauthenticated as error:
            return replace(nobody, refusal=error.message)
        return replace(nobody, user_id=access.user_id, session_id=access.session_id)

    async def _clean(self, every: float = 60, pause: float = 0.05) -> None:
        async def once(db: Connection) -> int:
            return await take_away(db, Work(db, ANONYMOUS).now)

        while True:
            try:
                gone = await self.database.writer.write(once)
            except Unavailable:
                gone = 0
            await asyncio.sleep(pause if gone else every)
