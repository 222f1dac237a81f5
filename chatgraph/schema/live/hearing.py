"""Hearers: subscriptions to what is told and never kept."""

import asyncio
from collections import deque
from collections.abc import Collection
from typing import Any

from chatgraph.chat import Visit
from chatgraph.errors import Unavailable
from chatgraph.events.hub import Telling
from chatgraph.events.kinds import Kind
from chatgraph.events.whispers import MissedIn, Moved, Said
from chatgraph.schema.live.batches import Sink
from chatgraph.schema.live.operations import Subscribed
from chatgraph.schema.live.telling import Live
from chatgraph.schema.subscription import Murmur
from chatgraph.schema.types.whispers import dress_whisper
from chatgraph.viewer import Viewer

MOST_WAITING = 256


class Hearer:
    """
    One subscription to whispers. Who is there, came or went is always told in the end, though not each time; when more
    than 256 others wait, the oldest of them are forgotten: none is worth waiting for.

    The right to hear is asked again whenever it may have ended; what wasn't sent by then is sent if it hasn't.
    """

    def __init__(
        self, live: Live, viewer: Viewer, subscribed: Subscribed, sink: Sink, murmur: Murmur
    ) -> None:
        self.viewer = viewer
        self._live, self._subscribed, self._sink, self._murmur = live, subscribed, sink, murmur
        self._telling: deque[Any] = deque(murmur.first)  # until each is sent
        self._queue: deque[Any] = deque(maxlen=MOST_WAITING)  # what came since
        self._moves: dict[int, Moved] = {}  # who came or went since
        self.house_id, self.user_id, self.session_id = murmur.house_id, viewer.known(), viewer.session_id
        self._there = {one.user_id for one in murmur.first if isinstance(one, Moved)}
        self._houses: set[int] = set()
        self._doubted = True
        self._woken = asyncio.Event()
        self._woken.set()
        self._stopped = False

    async def go_on(self) -> bool:
        """
        Tell what is whispered until `stop`, and give that this is the end: False.

        Raises `ChatError` when the right to hear has ended.
        """
        hub = self._live.chat.hub
        hub.listen(self)
        self._live.listeners.add(self)
        hub.whispers.hear(MissedIn(self.house_id), self._miss)
        for topic in self._murmur.topics:
            hub.whispers.hear(topic, self.take)
        try:
            while not (self._stopped or self._live.stopping):
                await self._woken.wait()
                self._woken.clear()
                await self._drain()
        finally:
            hub.whispers.hush(MissedIn(self.house_id), self._miss)
            for topic in self._murmur.topics:
                hub.whispers.hush(topic, self.take)
            self._hear_talks_in(())
            self._live.listeners.discard(self)
            hub.leave(self)
        return False

    def stop(self) -> None:
        """Tell nothing more."""
        self._stopped = True
        self._woken.set()

    def doubt(self) -> None:
        """Tell nothing more before the right to hear was asked again."""
        self._doubted = True
        self._woken.set()

    def take(self, what: Any) -> None:
        """Take a whisper, without waiting."""
        if isinstance(what, Telling):
            if what.kind == Kind.MEMBER_JOINED:
                self._hear_talks(what.house_id)
            elif what.kind == Kind.MEMBER_LEFT:
                self._hush_talks(what.house_id)
            self._doubted = True  # what is asked now may not know of it yet
        if isinstance(what, Moved):
            self._take_move(what)
        elif self._murmur.but_not is None or getattr(what, "user_id", None) != self._murmur.but_not:
            self._queue.append(what)
            self._woken.set()

    def _take_move(self, moved: Moved) -> None:
        """Take that somebody came or went, unless it is told of them already; who is back before that never went."""
        if moved.online == (moved.user_id in self._there):
            return  # they came while it was found who is there
        self._there ^= {moved.user_id}
        if self._moves.pop(moved.user_id, None) is None:
            self._moves[moved.user_id] = moved
            self._woken.set()

    async def _drain(self) -> None:
        while not self._stopped and (self._telling or self._queue or self._moves or self._doubted):
            try:
                async with self._live.chat.visit(self.viewer) as visit:
                    if self._doubted:
                        await self._ask(visit)
                    if not self._telling:
                        self._telling.extend([*self._moves.values(), *self._queue])
                        self._moves.clear()
                        self._queue.clear()
                    written = await self._live.write(
                        visit, self._subscribed, [(0, dress_whisper(what)) for what in self._telling]
                    )
            except Unavailable:
                self._doubted = True
                await asyncio.sleep(0.5)
                continue
            for one in written:
                if self._doubted or self._stopped:
                    break
                await self._sink.send(one.payload)
                self._telling.popleft()

    async def _ask(self, visit: Visit) -> None:
        """Ask the right to hear again, and with it how much is said in which houses."""
        self._doubted = False
        found = await self._murmur.ask(visit)
        if self._murmur.hears_talks and not (self._doubted or self._stopped):
            self._hear_talks_in(found)
            for waiting in (self._telling, self._queue):
                heard = [one for one in waiting if not isinstance(one, Said) or one.house_id in self._houses]
                waiting.clear()
                waiting.extend(heard)

    def _hear_talks_in(self, houses: Collection[int]) -> None:
        for house_id in self._houses.difference(houses):
            self._hush_talks(house_id)
        for house_id in set(houses).difference(self._houses):
            self._hear_talks(house_id)

    def _hear_talks(self, house_id: int) -> None:
        self._houses.add(house_id)
        self._live.pulses.hear(house_id, self.take)
        self._live.chat.hub.whispers.hear(MissedIn(house_id), self._miss)

    def _hush_talks(self, house_id: int) -> None:
        if house_id in self._houses:
            self._houses.discard(house_id)
            self._live.pulses.hush(house_id, self.take)
            self._live.chat.hub.whispers.hush(MissedIn(house_id), self._miss)

    def _miss(self, _: int) -> None:
        self.doubt()
