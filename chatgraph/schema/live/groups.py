"""Groups: all who asked the same, and the stretches of the journal that were written out for them."""

import asyncio
from collections.abc import Hashable
from typing import NamedTuple

from chatgraph.schema.live.batches import Batch
from chatgraph.schema.live.operations import Subscribed

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

    __slots__ = ("__weakref__", "_kept", "key", "subscribed", "turn")

    def __init__(self, key: Hashable, subscribed: Subscribed) -> None:
        self.key, self.subscribed = key, subscribed
        self.turn = asyncio.Lock()
        self._kept: dict[int, Stretch] = {}

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
