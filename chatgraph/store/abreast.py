"""Abreast: several changes that go forward together, so that what they ask is asked at once for all of them."""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Sequence
from typing import Any

from sqlalchemy import Executable, UpdateBase

from chatgraph.store.connections import Connection, Rows, TransactionalConnection, Values
from chatgraph.store.failures import HalfDone
from chatgraph.store.prepared import Prepared

Change = Callable[[Connection], Awaitable[Any]]
Outcome = tuple[Any, BaseException | None]


class Asked:
    """A statement that a change waits for."""

    def __init__(self, statement: Any, values: Any) -> None:
        self.statement, self.values = statement, values

    def __await__(self) -> Generator["Asked", Any, Any]:
        return (yield self)

    @property
    def writes(self) -> bool:
        """Whether it may change something."""
        return isinstance(getattr(self.statement, "statement", self.statement), UpdateBase)


class _Side(Connection):
    """What each of them has for a connection: it hands on what is asked to who runs them."""

    async def fetch(self, statement: Prepared, values: Values) -> Rows:
        return await Asked(statement, values)

    async def execute(self, statement: Executable, values: Any = None) -> Any:
        return await Asked(statement, values)


SIDE = _Side()


async def run_abreast(db: TransactionalConnection, changes: Sequence[Change]) -> list[Outcome]:
    """
    Run changes that wait for nothing but the database, and give what each gave or raised.

    Each goes on until it asks for something. Then the same statement is sent once for all who ask for it, in the order
    of the changes: those that go the same way stay in this order at each of their steps.

    Raises `HalfDone` when the database refuses something, or one fails after it has written.
    """
    outcomes: dict[int, Outcome] = {}
    running = {at: change(SIDE).__await__() for at, change in enumerate(changes)}
    told: dict[int, Any] = dict.fromkeys(running)
    wrote: set[int] = set()
    try:
        while running:
            asked: dict[int, Asked] = {}
            for at, change in list(running.items()):
                try:
                    asked[at] = change.send(told[at])
                except StopIteration as end:
                    outcomes[at] = end.value, None
                    del running[at]
                except (Exception, asyncio.CancelledError) as error:
                    if at in wrote:
                        raise HalfDone from error
                    outcomes[at] = None, error
                    del running[at]
            if not all(isinstance(one, Asked) for one in asked.values()):
                raise RuntimeError("A change that runs abreast waits for the database alone.")
            wrote.update(at for at, one in asked.items() if one.writes)
            told = await _ask_all(db, asked)
    finally:
        for change in running.values():
            change.close()
    return [outcomes[at] for at in range(len(changes))]


async def _ask_all(db: TransactionalConnection, asked: dict[int, Asked]) -> dict[int, Any]:
    told: dict[int, Any] = {}
    same: dict[Prepared, list[int]] = {}
    try:
        for at, one in asked.items():
            if isinstance(one.statement, Prepared):
                same.setdefault(one.statement, []).append(at)
            else:
                told[at] = await db.execute(one.statement, one.values)
        for statement, those in same.items():
            rows = await db.fetch_each(statement, [asked[at].values for at in those])
            told.update(zip(those, rows, strict=True))
    except Exception as error:
        raise HalfDone from error
    return told
