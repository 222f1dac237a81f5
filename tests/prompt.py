"""A uvicorn that begins and ends at once: by itself it looks ten times a second whether it may, most of a short test."""

import asyncio

import uvicorn
import uvicorn.server

from tests.pauses import Paused


async def _hasten(_: float) -> None:
    await asyncio.sleep(0)


# Where uvicorn pauses, it goes on once everything else has been done that there is to do.
uvicorn.server.asyncio = Paused(_hasten)  # type: ignore[assignment]


class PromptServer(uvicorn.Server):
    """Serves from `begin` to `end`, without the loop in which uvicorn waits to be told that it may end."""

    async def begin(self) -> None:
        """Listen."""
        self.config.load()
        self.lifespan = self.config.lifespan_class(self.config)
        await self.startup()
        await self.on_tick(0)

    async def end(self) -> None:
        """Stop as an operator's server does."""
        self.should_exit = True
        await self.shutdown()
