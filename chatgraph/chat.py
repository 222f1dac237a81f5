"""The one way in: a door names an operation, `Chat` runs it for one viewer in one transaction."""

import asyncio
from collections.abc import Hashable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import structlog

from chatgraph.credentials.endings import Endings
from chatgraph.credentials.passwords import Passwords
from chatgraph.credentials.tokens import Tokens
from chatgraph.errors import Unauthenticated, Unavailable
from chatgraph.events.bridge import Bridge
from chatgraph.events.hub import Hub
from chatgraph.events.presence import Presence
from chatgraph.events.whispers import Moved, PresenceIn
from chatgraph.lookout import LookOut
from chatgraph.models import Registration
from chatgraph.operations.memory import Memory
from chatgraph.operations.presence import find_whereabouts
from chatgraph.operations.rates import Rates
from chatgraph.operations.work import Work
from chatgraph.store.cleanup import take_away
from chatgraph.store.database import Database
from chatgraph.store.migrations.standing import require_standing
from chatgraph.store.places import At, Place
from chatgraph.store.rows import Connection
from chatgraph.viewer import ANONYMOUS, SESSION_ENDED, Viewer
from chatgraph.visits import Done
from chatgraph.visits import Visit as Visit

log = structlog.get_logger()


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
        self.endings = Endings()
        self.rates = rates
        self.registration = registration
        self.journal_age = journal_age
        self.memory = Memory()
        self.hub = Hub()
        self.presence = Presence(self._moved)
        self.bridge = Bridge(self.hub, self.presence)
        self.look_out = LookOut(database, self.hub)
        self.channel = database.channel(self.bridge.hear, self._reach_others)
        self._telling: set[asyncio.Task[None]] = set()
        self._beside: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        """Open the database; begin to take away what was deleted, and to look out for what others write."""
        await self.database.open()
        self._beside = [
            asyncio.create_task(self._clean(), name="cleanup"),
            asyncio.create_task(self.look_out.run(), name="lookout"),
        ]
        if self.channel is not None:
            self.bridge.lead(self.channel.say)
            self._beside.append(asyncio.create_task(self.channel.run(), name="channel"))
            await self.channel.begin()

    async def close(self) -> None:
        """Finish what is under way and let go of everything."""
        self.presence.close()
        for task in self._beside:
            task.cancel()
        await asyncio.gather(*self._beside, *self._telling, return_exceptions=True)
        self.bridge.close()
        await self.database.close()
        await self.rates.close()
        self.passwords.close()

    def tell(self, done: Done[Any]) -> None:
        """Tell the hub what was committed, and the other servers."""
        self.hub.tell(done.tellings)
        for telling in done.tellings:
            self.presence.hear_of(telling)
        for user_id in done.signed_out:
            self.hub.doubt_sessions(user_id=user_id)
        self.bridge.tell(done.tellings, done.signed_out)
        self.whisper(done.whispered)

    def whisper(self, whispered: list[tuple[Hashable, Any]]) -> None:
        """Tell who hears it now, here and elsewhere, what is never kept."""
        if whispered:
            self.hub.whispers.whisper_all(whispered)
            self.bridge.whisper_all(whispered)

    async def check(self) -> None:
        """
        Prove that queries can be answered, and other servers heard. Raises `Unavailable`.

        A newer chatgraph may have changed the tables since this one started.
        """
        async with self.database.reading() as db:
            await require_standing(db)
        if self.channel is not None and not self.channel.works:
            raise Unavailable("The other servers can't be heard now.")

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
        if self.endings.has(access.user_id, access.session_id):
            return Viewer(address=address, agent=agent, refusal=SESSION_ENDED)
        return Viewer(access.user_id, access.session_id, address, agent, expire_time=access.expire_time)

    async def _clean(self, every: float = 60, pause: float = 0.05) -> None:
        async def once(db: Connection) -> int:
            return await take_away(db, Work(db, ANONYMOUS).now, journal_age=self.journal_age)

        while True:
            try:
                gone = await self.database.write(once, None, Place(At.CLEANUP, None))
            except Unavailable:
                gone = 0
            except Exception:
                log.exception("the cleanup failed; it is tried again")
                gone = 0
            await asyncio.sleep(pause if gone else every)

    def _reach_others(self) -> None:
        """
        Begin to hear the other servers: what they said before was missed.

        What of it stands in journals that somebody listens to isn't told here, which is seen when they are looked at.
        """
        self.bridge.greet()
        self.look_out.look_now()

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
