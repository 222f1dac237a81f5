"""The look-out: it notices what other processes wrote, such as an operator's commands or other servers, without being told."""

import asyncio

from chatgraph.errors import Unavailable
from chatgraph.events.hub import Hub
from chatgraph.operations.events import find_ended, find_last_sign_out, read_heads, read_sign_outs
from chatgraph.operations.work import Work
from chatgraph.store.database import Database, telling_unavailable
from chatgraph.store.rows import Connection
from chatgraph.viewer import ANONYMOUS

EVERY_SECONDS = 0.2
# Sessions end by themselves, too: that is nothing that anybody commits.
AT_LEAST_SECONDS = 5


class LookOut:
    """
    Wakes those who follow houses, and doubts the sessions that have ended, soon after something was committed.

    What is told by others meanwhile is told sooner; what isn't is found here.
    """

    def __init__(self, database: Database, hub: Hub) -> None:
        self._database, self._hub = database, hub
        self._seq: int | None = None  # the last sign-out that is known here
        self._missed = asyncio.Event()

    def look_now(self) -> None:
        """Look at once: something was missed."""
        self._missed.set()

    async def run(self) -> None:
        """Look until this is cancelled."""
        clock = asyncio.get_running_loop().time
        with self._database.watching() as changed:
            behind, looked = True, clock()
            while True:
                await self._rest()
                late = clock() - looked > AT_LEAST_SECONDS
                behind = changed() or behind or late
                if behind and (self._seq is None or self._hub.houses or self._hub.sessions):
                    behind, looked = not await self._look(late), clock()

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(EVERY_SECONDS):
                await self._missed.wait()
        except TimeoutError:
            pass
        self._missed.clear()

    async def _look(self, late: bool) -> bool:
        """Look at the journals that are followed and at who signed out. Gives whether they could be read."""
        try:
            async with self._database.reading() as db:
                with telling_unavailable:
                    await self._look_into(db, late)
        except Unavailable:
            return False
        return True

    async def _look_into(self, db: Connection, late: bool) -> None:
        work = Work(db, ANONYMOUS)
        heads = await read_heads(work, self._hub.houses)
        holes = await self._read_sign_outs(work)
        if late or holes:
            self._hub.doubt_sessions(session_ids=await find_ended(work, self._hub.sessions))
        for house_id, seq in heads.items():
            if self._hub.is_behind(house_id, seq):
                self._hub.rewrites[house_id] += 1  # nobody says what it was
            self._hub.wake(house_id, seq)

    async def _read_sign_outs(self, work: Work) -> bool:
        """Doubt the sessions of who signed out since this was asked. Gives whether some are not known any more."""
        if self._seq is None:
            self._seq = await find_last_sign_out(work)
            return True
        holes = False
        while found := await read_sign_outs(work, self._seq):
            holes = holes or found[0][0] != self._seq + 1
            for self._seq, user_id in found:
                self._hub.doubt_sessions(user_id=user_id)
        return holes
