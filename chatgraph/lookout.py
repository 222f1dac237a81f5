"""The look-out: it notices what other processes wrote, such as an operator's commands, of which nobody tells the hub."""

import asyncio

from chatgraph.errors import Unavailable
from chatgraph.events.hub import Hub
from chatgraph.operations.events import find_ended, read_heads
from chatgraph.operations.work import Work
from chatgraph.store.database import Database, telling_unavailable
from chatgraph.store.watching import watching
from chatgraph.viewer import ANONYMOUS

EVERY_SECONDS = 0.2
# Sessions end by themselves, too: that is nothing that anybody commits.
AT_LEAST_SECONDS = 5


async def look_out(database: Database, hub: Hub) -> None:
    """Wake those who follow houses, and doubt the sessions that have ended, soon after something was committed."""
    clock = asyncio.get_running_loop().time
    with watching(database.path) as changed:
        behind, looked = False, clock()
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            behind = changed() or behind or clock() - looked > AT_LEAST_SECONDS
            if behind and (hub.houses or hub.sessions):
                behind, looked = not await _look(database, hub), clock()


async def _look(database: Database, hub: Hub) -> bool:
    """Look at the journals that are followed and the sessions that listen. Gives whether they could be read."""
    try:
        async with database.reading() as db:
            with telling_unavailable:
                work = Work(db, ANONYMOUS)
                heads = await read_heads(work, hub.houses)
                ended = await find_ended(work, hub.sessions)
    except Unavailable:
        return False
    for house_id, seq in heads.items():
        hub.rewrites[house_id] += 1  # nobody says what it was
        hub.wake(house_id, seq)
    if ended:
        hub.doubt_sessions(session_ids=ended)
    return True
