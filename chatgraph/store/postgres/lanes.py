"""Lanes: several writers beside each other; what is written at one place goes through one of them."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count
from typing import TypeVar

from chatgraph.store.attempts import Change
from chatgraph.store.connections import TransactionalConnection
from chatgraph.store.places import Place
from chatgraph.store.postgres.holding import HOUSES, Holding
from chatgraph.store.writer import Writer

Result = TypeVar("Result")


class Lanes:
    """
    Writes at different places beside each other, at the same place one after the other.

    So servers wait for each other's locks only where they write at the same place, and what waits here meanwhile is
    committed together.
    """

    def __init__(
        self,
        connect: Callable[[], Awaitable[TransactionalConnection]],
        holding: Holding,
        lanes: int,
        most_together: int,
    ) -> None:
        self._lanes = [Writer(connect, most_together) for _ in range(lanes)]
        self._holding = holding
        self._next = count()

    @property
    def commits(self) -> int:
        """How many transactions were committed."""
        return sum(lane.commits for lane in self._lanes)

    @property
    def written(self) -> int:
        """How many changes were in them."""
        return sum(lane.written for lane in self._lanes)

    def lane(self, key: int) -> Writer:
        """Give the lane of a place, by the key of what is held there."""
        return self._lanes[key % len(self._lanes)]

    async def start(self) -> None:
        """Begin to write."""
        await asyncio.gather(*(lane.start() for lane in self._lanes))

    async def stop(self) -> None:
        """Write what still waits, then write nothing more."""
        await asyncio.gather(*(lane.stop() for lane in self._lanes))

    async def close(self) -> None:
        """Let go of the database, once this is stopped."""
        await asyncio.gather(*(lane.close() for lane in self._lanes))

    async def settle(self, house_id: int) -> None:
        """Wait for what is being written in the lane of a house, as `Writer.settle` does."""
        await self.lane(HOUSES + house_id).settle()

    async def write(
        self,
        change: Change[Result],
        then: Callable[[Result], None] | None = None,
        place: Place | None = None,
    ) -> Result:
        """Make a change at a place. Gives and raises what `Writer.write` does."""
        holds = await self._holding.find(place)
        turn = holds[0].key if holds else next(self._next)
        return await self.lane(turn).write(change, then, holds, abreast=place is not None and place.abreast)
