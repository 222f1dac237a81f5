"""Pulses: how much was said in which rooms of a house, once a second for all who want to know."""

import asyncio
from collections import Counter

import structlog

from chatgraph.chat import Chat
from chatgraph.errors import Unavailable
from chatgraph.events.kinds import Kind
from chatgraph.events.whispers import Said, Take, TalksIn
from chatgraph.operations.events import read_anywhere, read_heads

EVERY_SECONDS = 1.0
MOST_READ = 1000

log = structlog.get_logger()


class Pulses:
    """Feels the pulse of each house as long as somebody hears of it."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat
        self._tasks: dict[int, asyncio.Task[None]] = {}

    def hear(self, house_id: int, take: Take) -> None:
        """Call *take* with what was said in a house."""
        self._chat.hub.whispers.hear(TalksIn(house_id), take)
        if house_id not in self._tasks:
            self._tasks[house_id] = asyncio.create_task(
                self._feel(house_id), name=f"pulse of house {house_id}"
            )

    def hush(self, house_id: int, take: Take) -> None:
        """Stop calling *take*."""
        if not self._chat.hub.whispers.hush(TalksIn(house_id), take) and (
            task := self._tasks.pop(house_id, None)
        ):
            task.cancel()

    async def _feel(self, house_id: int) -> None:
        woken, head = asyncio.Event(), 0
        seq: int | None = None  # where it begins, once that could be read

        def wake(seq: int) -> None:
            nonlocal head
            head = max(head, seq)
            woken.set()

        self._chat.hub.follow(house_id, wake)
        try:
            while True:
                try:
                    if seq is None:
                        seq = await self._begin(house_id)
                    while head <= seq:  # what it is woken for may have been said before
                        woken.clear()
                        await woken.wait()
                    seq = await self._tell(house_id, seq) or head
                except Unavailable:
                    pass  # it is tried again
                except Exception:
                    log.exception("a pulse could not be felt; it is tried again", house=house_id)
                await asyncio.sleep(EVERY_SECONDS)
        finally:
            self._chat.hub.unfollow(house_id, wake)

    async def _begin(self, house_id: int) -> int:
        async with self._chat.visit() as visit:
            return (await visit.ask(read_heads, [house_id])).get(house_id, 0)

    async def _tell(self, house_id: int, seq: int) -> int | None:
        """Tell the first `MOST_READ` of what follows, and give how far that is; None where there is nothing."""
        async with self._chat.visit() as visit:
            happenings = await visit.ask(read_anywhere, house_id, seq, MOST_READ)
        counts = Counter(one.room_id for one in happenings if one.kind == Kind.TALK_POSTED)
        for room_id, count in counts.items():
            if room_id is not None:
                self._chat.hub.whispers.whisper(TalksIn(house_id), Said(house_id, room_id, count))
        return happenings[-1].seq if happenings else None
