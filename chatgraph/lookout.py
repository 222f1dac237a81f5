"""The look-out: it notices what other processes wrote, such as an operator's commands or other servers, without being told."""

import asyncio

import structlog

from chatgraph.errors import Unavailable
from chatgraph.events.hub import Hub
from chatgraph.operations.events import find_ended, find_last_sign_out, read_heads, read_sign_outs
from chatgraph.operations.work import Work
from chatgraph.store.database import Database, telling_unavailable
from chatgraph.store.rows import Connection
from chatgraph.viewer import ANONYMOUS

EVERY_SECONDS = 0.2
# Sessions end by themselves, too: that is nothing that anybody commits, so it is asked for.
AT_LEAST_SECONDS = 5

log = structlog.get_logger()


class LookOut:
    """
    Wakes those who follow houses, and doubts the sessions that have ended, soon after something was committed.

    What is told by others meanwhile is told sooner; what isn't is found here. Of what stands in a journal and wasn't told
    yet at the next tick, nobody will tell: all who hear of the house by whispers are doubted.
    """

    def __init__(self, database: Database, hub: Hub) -> None:
        self._database, self._hub = database, hub
        self._seq: int | None = None  # the last sign-out that is known here
        self._untold: dict[int, int] = {}  # how far journals had come, of which not all was told by then
        self._missed = asyncio.Event()

    def look_now(self) -> None:
        """Look at once: something was missed."""
        self._missed.set()

    async def run(self) -> None:
        """Look until this is cancelled, whatever happens."""
        while True:
            try:
                await self._look_on()
            except Exception:
                log.exception("the look-out failed; it begins again")
                await asyncio.sleep(EVERY_SECONDS)

    async def _look_on(self) -> None:
        clock = asyncio.get_running_loop().time
        with self._database.watching() as changed:
            behind, asked = True, clock()
            while True:
                await self._rest()
                self._miss_untold()
                late = clock() - asked > AT_LEAST_SECONDS
                behind = changed() or behind or late or not self._hub.knows_all
                if behind and (self._seq is None or self._hub.houses or self._hub.sessions):
                    behind = not await self._look(late)
                    asked = clock() if late and not behind else asked

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
        house_ids = self._hub.houses
        heads = await read_heads(work, house_ids)
        holes = await self._read_sign_outs(work)
        if late or holes:
            self._hub.doubt_sessions(session_ids=await find_ended(work, self._hub.sessions))
        for house_id in house_ids:
            seq = heads.get(house_id, 0)
            if self._hub.is_behind(house_id, seq):
                self._hub.rewrites[house_id] += self._hub.knows(house_id)  # nobody has said yet what it was
                self._untold[house_id] = seq
            self._hub.wake(house_id, seq)

    def _miss_untold(self) -> None:
        """Take what still wasn't told for missed. A word that comes a little later than what it tells is none."""
        untold, self._untold = self._untold, {}
        for house_id, seq in untold.items():
            if self._hub.is_behind(house_id, seq):
                self._hub.miss(house_id, seq)

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
