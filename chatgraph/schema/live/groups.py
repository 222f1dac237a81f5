"""Groups: all who asked the same, and the stretches of the journal that were written out for them."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from chatgraph.chat import Visit
from chatgraph.models import Happening
from chatgraph.schema.live.batches import Batch, Told, Written
from chatgraph.schema.live.operations import Subscribed
from chatgraph.schema.types.events import dress_event

if TYPE_CHECKING:
    from chatgraph.schema.live.telling import Live

# Those who catch up go from one multiple of this to the next, so that they meet, and share what was written.
PAGE = 100  # events
KEPT_SECONDS, MOST_KEPT = 5, 8


class Stretch(NamedTuple):
    """
    What is told after a place in the journal, in batches that a socket takes at once, and the place it comes to.

    It tells things as they were after so many *rewrites* in the house.
    """

    batches: list[Batch]
    seq: int
    rewrites: int


class Group:
    """
    Listeners for whom an event is written once, by what the first of them *subscribed* to.

    A stretch is kept for a few seconds: of many who fell behind together, the first to come by reads it for all. Whoever
    wants to read takes the *turn* first. It is good for who may surely listen at the moment at which they are told.
    """

    __slots__ = ("__weakref__", "_kept", "_live", "_subscribed", "key", "turn")

    def __init__(self, key: Hashable, subscribed: Subscribed, live: Live) -> None:
        self.key = key
        self._subscribed, self._live = subscribed, live
        self.turn = asyncio.Lock()
        self._kept: dict[int, Stretch] = {}

    async def write(self, visit: Visit, room_id: int | None, happenings: Sequence[Happening]) -> Told:
        """Write out what of this is told to the house, or to a room, and to how far that comes."""
        wanted = (one for one in happenings if room_id is None or one.room_id == room_id)
        dressed = ((one.seq, dress_event(one)) for one in wanted)
        events = [(seq, event) for seq, event in dressed if event is not None]
        written = await self._live.write(visit, self._subscribed, events)
        last = written if len(written) < len(events) else happenings
        return Told(written, last[-1].seq if last else 0)

    async def write_one(self, visit: Visit, seq: int, event: object) -> Written:
        """Write out one event."""
        [written] = await self._live.write(visit, self._subscribed, [(seq, event)])
        return written

    def recall(self, seq: int, rewrites: int) -> Stretch | None:
        """Give the stretch after a place, if it was written a moment ago and nothing in it has changed since."""
        kept = self._kept.get(seq)
        return None if kept is None or kept.rewrites != rewrites else kept

    def keep(self, seq: int, stretch: Stretch) -> None:
        """Keep the stretch after a place for those who come by in the next seconds."""
        if stretch.batches:
            if seq not in self._kept and len(self._kept) == MOST_KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[seq] = stretch
            asyncio.get_running_loop().call_later(KEPT_SECONDS, self._kept.pop, seq, None)

    def forget(self) -> None:
        """Keep nothing of what was written: what may be seen has changed."""
        self._kept.clear()
