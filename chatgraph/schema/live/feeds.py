"""Feeds: a house's journal, read and written out once for a group of listeners who asked the same."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from chatgraph.chat import Chat
from chatgraph.errors import ChatError, Unavailable
from chatgraph.events.hub import ENDS_FOR_ANYBODY, ENDS_FOR_SUBJECT
from chatgraph.models import Happening
from chatgraph.operations.events import read_on
from chatgraph.schema.live.batches import Batch
from chatgraph.schema.live.groups import Group

if TYPE_CHECKING:
    from chatgraph.schema.live.listening import Listener

# How long whoever can't read waits before trying again.
AGAIN_SECONDS = 0.5

log = structlog.get_logger()


class Feed:
    """
    Follows a journal after *seq* for as long as there are followers, and no longer.

    The *group* writes events out as one of the followers sees them, whose right to listen was asked in the same snapshot.
    """

    def __init__(self, chat: Chat, house_id: int, room_id: int | None, seq: int, group: Group) -> None:
        self.seq = seq
        self.followers: set[Listener] = set()
        self._chat, self._house_id, self._room_id, self._group = chat, house_id, room_id, group
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def join(self, follower: Listener) -> None:
        """Tell a follower what happens from here on."""
        self.followers.add(follower)
        self._woken.set()
        if self._task is None:
            self._chat.hub.follow(self._house_id, self._wake)
            self._task = asyncio.create_task(self._run(), name=f"feed of house {self._house_id}")

    def leave(self, follower: Listener) -> None:
        """Tell a follower nothing more."""
        self.followers.discard(follower)
        if not self.followers:
            self._chat.hub.unfollow(self._house_id, self._wake)
            self._woken.set()

    def resume(self) -> None:
        """Go on: there is somebody again who may surely listen."""
        self._woken.set()

    def _wake(self, seq: int) -> None:
        if seq > self.seq:
            self._woken.set()

    async def _run(self) -> None:
        while self.followers:
            await self._woken.wait()
            # Who speaks together is told together: a commit that is under way is waited for, and read with the others.
            await self._chat.database.settle(self._house_id)
            self._woken.clear()
            try:
                while self.followers and await self._read():
                    pass
            except Exception:
                log.exception("a feed could not be read; it is tried again", house=self._house_id)
                self._woken.set()
                await asyncio.sleep(AGAIN_SECONDS)

    async def _read(self) -> bool:
        """Tell what follows, and give whether there may be more."""
        eyes = next((one for one in self.followers if not one.doubted), None)
        if eyes is None:
            return False
        try:
            async with self._chat.visit(eyes.viewer) as visit:
                stretch = await visit.ask(read_on, self._house_id, self._room_id, self.seq)
                told = await self._group.write(visit, self._room_id, stretch.happenings)
        except Unavailable:
            raise
        except ChatError:
            eyes.doubt()
            return True
        if not stretch.whole:
            for follower in list(self.followers):
                follower.fall_back()
            return False
        self._cast_doubt(stretch.happenings)
        if told.events:
            batch = Batch(told.events)
            for follower in list(self.followers):
                follower.offer(batch)
        self.seq = max(self.seq, told.seq)
        return self.seq < stretch.head

    def _cast_doubt(self, happenings: list[Happening]) -> None:
        """Whoever may lose the right to listen by this is told nothing before it was asked, wherever it was done."""
        for_anybody = any(one.kind in ENDS_FOR_ANYBODY for one in happenings)
        subjects = {one.subject_id for one in happenings if one.kind in ENDS_FOR_SUBJECT}
        if for_anybody or subjects:
            for follower in self.followers:
                if for_anybody or follower.viewer.user_id in subjects:
                    follower.doubt()
