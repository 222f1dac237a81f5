"""Listeners: one subscription each, from where it begins until the right to listen ends."""

import asyncio
from collections import deque

from chatgraph.chat import Visit
from chatgraph.errors import ChatError, Forbidden, NotFound, Unavailable
from chatgraph.events.hub import Ear
from chatgraph.models import Happening
from chatgraph.operations.events import find_ending, follow, read_on
from chatgraph.schema.live.batches import Batch, Sink, Told, Written
from chatgraph.schema.live.feeds import AGAIN_SECONDS, Feed
from chatgraph.schema.live.hearing import Hearer
from chatgraph.schema.live.operations import Subscribed
from chatgraph.schema.live.telling import MOST_BYTES, Live
from chatgraph.schema.subscription import Murmur, Source
from chatgraph.schema.types.events import ResyncReason, dress_event, dress_resync
from chatgraph.viewer import Viewer

MOST_WAITING = 256


def listen(live: Live, viewer: Viewer, subscribed: Subscribed, sink: Sink) -> "Listener | Hearer":
    """Make what tells a viewer, into *sink*, what they subscribed to; it does so once it `run`s."""
    source = subscribed.source
    if isinstance(source, Murmur):
        return Hearer(live, viewer, subscribed, sink, source)
    return Listener(live, viewer, subscribed, sink, source)


class Listener:
    """
    One subscription of one connection.

    It is told from the journal until it has caught up, and by a feed from then on. One that doesn't keep up with its
    feed leaves it, and reads from the journal again at its own pace: nothing is missed, nobody waits.
    """

    def __init__(
        self, live: Live, viewer: Viewer, subscribed: Subscribed, sink: Sink, source: Source
    ) -> None:
        self.viewer = viewer
        self.doubted = True  # something may have happened since the right was asked
        self._doubts = 0
        self._live, self._subscribed, self._sink = live, subscribed, sink
        self._source = source
        self._seq = source.seq
        self._resync = source.resync
        self._sure: int | None = None
        """How far the journal had come when the viewer last had the right to listen."""
        self._ending: Written | None = None
        self._group = subscribed.shared_by(viewer.known())
        self._ear = Ear(self._source.house_id, viewer.known(), viewer.session_id, self.doubt)
        self._feed: Feed | None = None
        self._queue: deque[Written] = deque()
        self._bytes = 0
        self._busy = False
        self._woken = asyncio.Event()
        self._stopped = False

    async def run(self) -> None:
        """
        Tell what happens until `stop`.

        Raises `ChatError` when the right to listen has ended, and tells before how, where the viewer may know.
        """
        self._live.listeners.add(self)
        self._live.chat.hub.listen(self._ear)
        try:
            while not (self._stopped or self._live.stopping):
                try:
                    await self._go_on()
                except Unavailable:
                    self._leave_feed()  # what is told next is read from the journal
                    await asyncio.sleep(AGAIN_SECONDS)
                except ChatError:
                    if self._ending is not None and not self._stopped:
                        await self._sink.send(self._ending.payload)
                    raise
        finally:
            self._leave_feed()
            self._live.chat.hub.leave(self._ear)
            self._live.listeners.discard(self)

    def stop(self) -> None:
        """Tell nothing more."""
        self._stopped = True
        self._woken.set()

    def doubt(self) -> None:
        """Tell nothing more before the right to listen was asked again."""
        self.doubted = True
        self._doubts += 1
        self._woken.set()

    def offer(self, batch: Batch) -> None:
        """Take what the feed tells: send it at once, or keep it; more than may wait makes the listener leave it."""
        batch = batch.after(self._seq)
        if not batch.events:
            return
        at_once = not (self._queue or self._busy or self.doubted or self._stopped)
        if at_once and self._sink.send_now(batch):
            self._seq = batch.events[-1].seq
            return
        self._queue += batch.events
        self._bytes += sum(len(written.payload) for written in batch.events)
        if len(self._queue) > MOST_WAITING or self._bytes > MOST_BYTES:
            self._leave_feed()
        self._woken.set()

    def fall_back(self) -> None:
        """Leave the feed and read the journal from what was told last."""
        self._leave_feed()
        self._woken.set()

    async def _go_on(self) -> None:
        if self._resync is not None:
            await self._tell_resync(self._resync)
        elif self._feed is None:
            await self._catch_up()
        else:
            await self._woken.wait()
            self._woken.clear()
            self._busy = True
            try:
                await self._drain()
            finally:
                self._busy = False

    async def _catch_up(self) -> None:
        """Tell what the journal has next, or join the feed where nothing is left that it won't tell."""
        feeds, group = self._live.feeds, self._group
        feed = feeds.get(group)
        if feed is None or feed.seq > self._seq:
            source = self._source
            async with self._live.chat.visit(self.viewer) as visit:
                try:
                    stretch = await visit.ask(read_on, source.house_id, source.room_id, self._seq)
                except (NotFound, Forbidden):
                    await self._write_ending(visit)
                    raise
                self._sure = stretch.head
                told = await self._write(visit, stretch.happenings)
            if not stretch.whole:
                self._seq, self._resync = stretch.head, ResyncReason.EXPIRED
                return
            for written in told.events:
                await self._tell(written)
            self._seq = max(self._seq, told.seq)
            if self._seq < stretch.head or group in feeds:
                return
            feed = feeds[group] = Feed(
                self._live.chat, source.house_id, source.room_id, self._seq, self._write
            )
        self._feed = feed
        feed.join(self)
        self._woken.set()

    async def _drain(self) -> None:
        await self._ask_right()
        while self._queue and not self._stopped:
            written = self._queue.popleft()
            self._bytes -= len(written.payload)
            await self._tell(written)

    async def _tell(self, written: Written) -> None:
        await self._ask_right()
        if written.seq > self._seq and not self._stopped:
            await self._sink.send(written.payload)
            self._seq = written.seq

    async def _ask_right(self) -> None:
        """Raises `ChatError` when the viewer may not listen any more."""
        while self.doubted:
            doubts = self._doubts
            async with self._live.chat.visit(self.viewer) as visit:
                try:
                    house = await visit.ask(follow, self._source.house_id, self._source.room_id)
                except (NotFound, Forbidden):
                    await self._write_ending(visit)
                    raise
                self._sure = house.journal_seq
            self.doubted = doubts != self._doubts
            if self._feed is not None:
                self._feed.resume()

    async def _write_ending(self, visit: Visit) -> None:
        """Write out what took the right to listen, from its row of the journal alone: what it was about is hidden."""
        if self._sure is None:
            return  # they had it when they asked, and nothing was told since
        after = max(self._seq, self._sure)
        ending = await visit.ask(find_ending, self._source.house_id, self._source.room_id, after)
        if ending is not None:
            events = [(ending.seq, dress_event(ending))]
            [self._ending] = await self._live.write(visit, self._subscribed, events)

    async def _tell_resync(self, reason: ResyncReason) -> None:
        await self._ask_right()
        event = dress_resync(self._source.house_id, self._seq, reason)
        async with self._live.chat.visit(self.viewer) as visit:
            [written] = await self._live.write(visit, self._subscribed, [(self._seq, event)])
        await self._sink.send(written.payload)
        self._resync = None

    async def _write(self, visit: Visit, happenings: list[Happening]) -> Told:
        room_id = self._source.room_id
        wanted = (one for one in happenings if room_id is None or one.room_id == room_id)
        dressed = ((one.seq, dress_event(one)) for one in wanted)
        events = [(seq, event) for seq, event in dressed if event is not None]
        written = await self._live.write(visit, self._subscribed, events)
        last = written if len(written) < len(events) else happenings
        return Told(written, last[-1].seq if last else 0)

    def _leave_feed(self) -> None:
        if self._feed is not None:
            self._feed.leave(self)
            if not self._feed.followers and self._live.feeds.get(self._group) is self._feed:
                del self._live.feeds[self._group]
            self._feed = None
        self._queue.clear()
        self._bytes = 0
