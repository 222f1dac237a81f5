"""The one way in: a door names an operation, `Chat` runs it for one viewer in one transaction."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any, Concatenate, Generic, NamedTuple, ParamSpec, Self, TypeVar

from chatgraph.credentials.passwords import Passwords
from chatgraph.credentials.tokens import Tokens
from chatgraph.errors import Unauthenticated, Unavailable
from chatgraph.events.hub import Hub, Telling
from chatgraph.events.presence import Presence
from chatgraph.events.whispers import Moved, PresenceIn
from chatgraph.lookout import look_out
from chatgraph.models import Registration, Window
from chatgraph.operations.houses import list_every_house
from chatgraph.operations.presence import find_whereabouts
from chatgraph.operations.rates import Rates
from chatgraph.operations.sessions import session_lives
from chatgraph.operations.work import Operation, Sights, Steps, Work
from chatgraph.store.cleanup import take_away
from chatgraph.store.database import Database, telling_unavailable
from chatgraph.store.rows import Connection
from chatgraph.viewer import ANONYMOUS, Viewer

Given = ParamSpec("Given")
Result = TypeVar("Result")


class Done(NamedTuple, Generic[Result]):
    """What a write gave, and what others shall hear of it once it is committed."""

    result: Result
    tellings: list[Telling]
    signed_out: list[int]
    whispered: list[tuple[Hashable, Any]]


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
        self._snapshot: Connection | None = None
        self.sights = Sights()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.let_go()

    async def ask(
        self, operation: Operation[Given, Result], *given: Given.args, **named: Given.kwargs
    ) -> Result:
        """Run a read."""
        async with self._turn:
            with telling_unavailable:
                if self._snapshot is None:
                    self._snapshot = await self.chat.database.readers.take()
                    self.sights = Sights()
                    work = await self._begin(self._snapshot, self.sights)
                else:
                    work = Work(self._snapshot, self.viewer, self.sights.now, sights=self.sights)
                result = await operation(work, *given, **named)
        self.chat.hub.whispers.whisper_all(work.whispered)
        return result

    async def perform(
        self, operation: Operation[Given, Result], *given: Given.args, **named: Given.kwargs
    ) -> Result:
        """Run a write and give its result once that is durable. Raises `RateLimited` and what the operation raises."""
        await self.chat.rates.spend(operation, self.viewer, given)
        await self.let_go()

        async def change(db: Connection) -> Done[Result]:
            work = await self._begin(db, Sights())
            result = await operation(work, *given, **named)
            return Done(result, await work.keep_told(), work.signed_out, work.whispered)

        return (await self.chat.database.writer.write(change, self.chat.tell)).result

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

    async def _begin(self, db: Connection, sights: Sights) -> Work:
        """Begin to ask or to write in a transaction: for the viewer, if their session goes on in it, else for nobody."""
        work = Work(db, self.viewer, sights.now, sights=sights)
        if not await session_lives(work):
            ended = "The session has ended; sign in again."
            work.viewer = self.viewer = replace(self.viewer, user_id=None, session_id=None, refusal=ended)
        return work

    async def let_go(self) -> None:
        """End the snapshot; the next question takes a new one."""
        async with self._turn:
            if self._snapshot is not None:
                self.chat.database.readers.give_back(self._snapshot)
                self._snapshot = None
                self.sights = Sights()


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
        journal_age: timedelta | None = None,
    ) -> None:
        self.database = database
        self.passwords = passwords
        self.tokens = tokens
        self.rates = rates
        self.registration = registration
        self.journal_age = journal_age
        self.hub = Hub()
        self.presence = Presence(self._moved)
        self._telling: set[asyncio.Task[None]] = set()
        self._beside: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        """Open the database; begin to take away what was deleted, and to look out for what others write."""
        await self.database.open()
        self._beside = [
            asyncio.create_task(self._clean(), name="cleanup"),
            asyncio.create_task(look_out(self.database, self.hub), name="lookout"),
        ]

    async def close(self) -> None:
        """Finish what is under way and let go of everything."""
        self.presence.close()
        for task in self._beside:
            task.cancel()
        await asyncio.gather(*self._beside, *self._telling, return_exceptions=True)
        await self.database.close()
        self.passwords.close()

    def tell(self, done: Done[Any]) -> None:
        """Tell the hub what was committed."""
        self.hub.tell(done.tellings)
        self.hub.whispers.whisper_all(done.whispered)
        for user_id in done.signed_out:
            self.hub.doubt_sessions(user_id=user_id)

    async def check(self) -> None:
        """Prove that queries can be answered. Raises `Unavailable`."""
        async with self.visit() as visit:
            await visit.ask(list_every_house, Window(1))

    def visit(self, viewer: Viewer = ANONYMOUS) -> Visit:
        """Give what one viewer asks and does in one request, as long as it is held (`async with`)."""
        return Visit(self, viewer)

    def recognise(self, token: str | None, address: str | None, agent: str) -> Viewer:
        """
        Tell who sends this access token, before their session is asked for (`Visit` does that).

        A token that is no good makes a viewer who is nobody, and is told why where it matters.
        """
        if token is None:
            return Viewer(address=address, agent=agent)
        try:
            access = self.tokens.read_access(token)
        except Unauthenticated as error:
            return Viewer(address=address, agent=agent, refusal=error.message)
        return Viewer(access.user_id, access.session_id, address, agent, expire_time=access.expire_time)

    async def _clean(self, every: float = 60, pause: float = 0.05) -> None:
        async def once(db: Connection) -> int:
            return await take_away(db, Work(db, ANONYMOUS).now, journal_age=self.journal_age)

        while True:
            try:
                gone = await self.database.writer.write(once)
            except Unavailable:
                gone = 0
            await asyncio.sleep(pause if gone else every)

    def _moved(self, user_id: int) -> None:
        """Tell those who may know that a user came or went."""
        task = asyncio.create_task(self._tell_moved(user_id))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _tell_moved(self, user_id: int) -> None:
        with suppress(Unavailable):
            async with self.visit() as visit:
                houses = await visit.ask(find_whereabouts, user_id)
            moved = Moved(user_id, self.presence.is_online(user_id))
            self.hub.whispers.whisper_all((PresenceIn(house_id), moved) for house_id in houses)
