"""Listeners: one subscription each, from where it begins until the right to listen ends."""

import asyncio

from chatgraph.chat import Visit
from chatgraph.errors import ChatError, Forbidden, NotFound, Unavailable
from chatgraph.operations.events import find_ending, follow, read_on
from chatgraph.schema.live.batches import Batch, Sink, Written, split
from chatgraph.schema.live.feeds import AGAIN_SECONDS, Feed
from chatgraph.schema.live.groups import PAGE, Group, Stretch
from chatgraph.schema.live.telling import MOST_BYTES, Live
from chatgraph.schema.subscription import Source
from chatgraph.schema.types.events import ResyncReason, dress_event, dress_resync
from chatgraph.viewer import Viewer

MOST_WAITING, BATCH_BYTES = 256, 16 * 1024


class Listener:
    """
    One subscription of one connection.

    It is told from the journal until it has caught up, and by a feed from then on: then it rests, and there is no task
    for it until there is something to wait for. One that doesn't keep up with its feed leaves it, and reads from the
    journal again at its own pace: nothing is missed, nobody waits.
    """

    __slots__ = (
        "_busy", "_bytes", "_doubts", "_ending", "_feed", "_group", "_live", "_queue", "_resync", "_room_id", "_seq",
        "_sink", "_stopped", "_sure", "doubted", "house_id", "viewer",
    )  # fmt: skip

    def __init__(self, live: Live, viewer: Viewer, group: Group, sink: Sink, source: Source) -> None:
        self.viewer, self.house_id = viewer, source.house_id
        self.doubted = True  # something may have happened since the right was asked
        self._doubts = 0
        self._live, self._group, self._sink = live, group, sink
        self._room_id, self._seq, self._resync = source.room_id, source.seq, source.resync
        self._sure: int | None = None  # how far the journal had come when they last had the right to listen
        self._ending: Written | None = None
        self._feed: Feed | None = None
        self._queue: list[Written] = []
        self._bytes = 0
        self._busy = True  # until it rests for the first time
        self._stopped = False

    @property
    def user_id(self) -> int:
        """Who listens."""
        return self.viewer.known()

    @property
    def session_id(self) -> int | None:
        """The session in which they do."""
        return self.viewer.session_id

    async def go_on(self) -> bool:
        """
        Tell what there is to tell. True: it rests, and wakes its sink when there is more; False: it was stopped.

        Raises `ChatError` when the right to listen has ended, and tells before how, where the viewer may know.
        """
        self._live.listeners.add(self)
        self._live.chat.hub.listen(self)
        rests = False
        try:
            while not (rests or self._stopped or self._live.stopping):
                try:
                    rests = await self._step()
                except Unavailable:
                    self._leave_feed()  # what is told next is read from the journal
                    await asyncio.sleep(AGAIN_SECONDS)
                except ChatError:
                    if self._ending is not None and not self._stopped:
                        await self._sink.send(self._ending.payload)
                    raise
        finally:
            self._busy = False
            if not rests:
                self._end()
        return rests

    def stop(self) -> None:
        """Tell nothing more."""
        self._stopped = True
        if not self._busy:
            self._end()
            self._sink.wake()

    def doubt(self) -> None:
        """Tell nothing more before the right to listen was asked again."""
        self.doubted = True
        self._doubts += 1
        self._group.forget()
        self._wake()

    def offer(self, batch: Batch) -> None:
        """Take what the feed tells: send it at once, or keep it; more than may wait makes the listener leave it."""
        if batch.first <= self._seq:
            later = batch.after(self._seq)
            if later is None:
                return
            batch = later
        if not (self._busy or self._queue or self.doubted or self._stopped) and self._sink.send_now(batch):
            self._seq = batch.last
            return
        self._queue += batch.events
        self._bytes += sum(len(written.payload) for written in batch.events)
        if len(self._queue) > MOST_WAITING or self._bytes > MOST_BYTES:
            self._leave_feed()
        self._wake()

    def fall_back(self) -> None:
        """Leave the feed and read the journal from what was told last."""
        self._leave_feed()
        self._wake()

    def _wake(self) -> None:
        if not (self._busy or self._stopped):
            self._busy = True
            self._sink.wake()

    async def _step(self) -> bool:
        """Do what is next, and give whether there is nothing to do but to wait."""
        if self._resync is not None:
            await self._tell_resync(self._resync)
        elif self._feed is None:
            await self._catch_up()
        elif self.doubted or self._queue:
            await self._drain()
        else:
            return True
        return False

    async def _catch_up(self) -> None:
        """Tell what the journal has next, or join the feed where nothing is left that it won't tell."""
        if (stretch := self._recall()) is None:
            async with self._group.turn:
                stretch = self._recall() or await self._read()
        if stretch is not None:
            batches, seq, stretch = stretch.batches[::-1], stretch.seq, None
            while batches:  # while a client is waited for, what it has is let go of
                await self._tell(batches.pop())
            self._seq = max(self._seq, seq)

    def _recall(self) -> Stretch | None:
        return self._group.recall(self._seq, self._live.chat.hub.rewrites[self.house_id])

    async def _read(self) -> Stretch | None:
        """Read on in the journal; None: the listener has joined the feed, or has a resync to tell."""
        feeds, key = self._live.feeds, self._group.key
        feed = feeds.get(key)
        if feed is None or feed.seq > self._seq:
            rewrites = self._live.chat.hub.rewrites[self.house_id]
            async with self._live.chat.visit(self.viewer) as visit:
                most = PAGE - self._seq % PAGE
                try:
                    read = await visit.ask(read_on, self.house_id, self._room_id, self._seq, most)
                except (NotFound, Forbidden):
                    await self._write_ending(visit)
                    raise
                self._sure = read.head
                told = await self._group.write(visit, self._room_id, read.happenings)
            if not read.whole:
                self._seq, self._resync = read.head, ResyncReason.EXPIRED
                return None
            if told.seq > self._seq:
                stretch = Stretch(split(told.events, BATCH_BYTES), told.seq, rewrites)
                self._group.keep(self._seq, stretch)
                return stretch
            feed = feeds.get(key)
            if feed is not None and feed.seq > self._seq:
                return None
            if feed is None:
                feed = feeds[key] = Feed(
                    self._live.chat, self.house_id, self._room_id, self._seq, self._group
                )
        self._feed = feed
        feed.join(self)
        return None

    async def _drain(self) -> None:
        await self._ask_right()
        if self._queue and not self._stopped:
            batch = split(self._queue, BATCH_BYTES)[0]
            del self._queue[: len(batch.events)]
            self._bytes -= sum(len(written.payload) for written in batch.events)
            await self._tell(batch)

    async def _tell(self, batch: Batch) -> None:
        """Tell what of a batch is new: at once where that is possible, else event by event."""
        await self._ask_right()
        later = batch.after(self._seq)
        if later is None or self._stopped:
            return
        if self._sink.send_now(later):
            self._seq = later.last
            return
        for written in later.events:
            await self._ask_right()
            if self._stopped:
                return
            await self._sink.send(written.payload)
            self._seq = written.seq

    async def _ask_right(self) -> None:
        """Raises `ChatError` when the viewer may not listen any more."""
        while self.doubted:
            doubts = self._doubts
            async with self._live.chat.visit(self.viewer) as visit:
                try:
                    house = await visit.ask(follow, self.house_id, self._room_id)
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
        ending = await visit.ask(find_ending, self.house_id, self._room_id, after)
        if ending is not None:
            self._ending = await self._group.write_one(visit, ending.seq, dress_event(ending))

    async def _tell_resync(self, reason: ResyncReason) -> None:
        await self._ask_right()
        event = dress_resync(self.house_id, self._seq, reason)
        async with self._live.chat.visit(self.viewer) as visit:
            written = await self._group.write_one(visit, self._seq, event)
        await self._sink.send(written.payload)
        self._resync = None

    def _leave_feed(self) -> None:
        if self._feed is not None:
            self._feed.leave(self)
            if not self._feed.followers and self._live.feeds.get(self._group.key) is self._feed:
                del self._live.feeds[self._group.key]
            self._feed = None
        self._queue.clear()
        self._bytes = 0

    def _end(self) -> None:
        self._leave_feed()
        self._live.chat.hub.leave(self)
        self._live.listeners.discard(self)
