"""Watches: over the session in which a socket is open, whether anything is asked over it or not."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from chatgraph.errors import Unavailable
from chatgraph.schema.live.feeds import AGAIN_SECONDS
from chatgraph.schema.live.telling import Live
from chatgraph.viewer import Viewer


class Watch:
    """Asks whether the viewer's session goes on, at first and whenever it may have ended, and calls *ended* when it has."""

    house_id = 0  # of no house

    def __init__(self, live: Live, viewer: Viewer, ended: Callable[[], Awaitable[None]]) -> None:
        self.user_id, self.session_id = viewer.known(), viewer.session_id
        self._chat, self._viewer, self._ended = live.chat, viewer, ended
        self._doubted = False
        self._asking: asyncio.Task[None] | None = None

    async def begin(self) -> bool:
        """Begin to watch, and give whether the session goes on. What can't be asked now is taken to."""
        self._chat.hub.listen(self)
        with suppress(Unavailable):
            return await self._goes_on()
        return True

    def end(self) -> None:
        """Watch no more."""
        self._chat.hub.leave(self)
        self._doubted = False

    def doubt(self) -> None:
        """Ask again whether the session goes on."""
        self._doubted = True
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask())

    async def _ask(self) -> None:
        try:
            while self._doubted:
                try:
                    self._doubted = False
                    if not await self._goes_on():
                        await self._ended()
                except Unavailable:
                    self._doubted = True
                    await asyncio.sleep(AGAIN_SECONDS)
        finally:
            self._asking = None

    async def _goes_on(self) -> bool:
        async with self._chat.visit(self._viewer) as visit:
            return await visit.prove()
