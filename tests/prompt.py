"""A uvicorn that begins and ends at once: by itself it looks ten times a second whether it may, most of a short test."""

import asyncio
from typing import Any

import uvicorn
import uvicorn.server


class _Hasty:
    """asyncio, in which a pause is no longer than what there is to do takes."""

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)

    async def sleep(self, _: float) -> None:
        await asyncio.sleep(0)


uvicorn.server.asyncio = _Hasty()  # type: ignore[assignment]


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
