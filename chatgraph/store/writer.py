"""The one writer: changes that wait at the same moment are committed together, and answered after the commit."""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import structlog
from sqlalchemy.exc import OperationalError

from chatgraph.errors import Unavailable
from chatgraph.store.connections import Connection

log = structlog.get_logger()

Result = TypeVar("Result")
Change = Callable[[Connection], Awaitable[Result]]
# Errors of the database that say nothing of the change.
NOT_KEPT = (OperationalError, sqlite3.OperationalError)


class HalfDone(Exception):
    """Raised when a change failed after it had written something, where nothing marks where it began."""


@dataclass(slots=True)
class Waiting:
    """A change that waits to be written, and the future in which its caller waits for it."""

    change: Change[Any]
    then: Callable[[Any], None] | None
    outcome: asyncio.Future[Any]


Results = list[tuple[Waiting, Any, BaseException | None]]


class Writer:
    """
    Writes changes one after the other, as many as wait in one transaction (group commit).

    A change that fails is undone alone. Most fail before they write anything; if one does later, the transaction is
    rolled back and all its changes run again, each in its own SAVEPOINT. So a change does nothing but write, and tells
    all else by its result. Nobody is answered before the commit, and when that fails, everybody in it is told that
    nothing was kept. `commits` and `written` count what was done.
    """

    def __init__(
        self,
        connect: Callable[[], Awaitable[Connection]],
        most_together: int = 128,
        most_waiting: int = 10_000,
    ) -> None:
        self._connect = connect
        self._connection: Connection | None = None
        self._most_together = most_together
        self._most_waiting = most_waiting
        self._waiting: deque[Waiting] = deque()
        self._called = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._stopping = False
        self._under_way: asyncio.Future[None] | None = None
        self.commits = 0
        self.written = 0

    async def start(self) -> None:
        """Begin to write."""
        self._connection = await self._connect()
        self._task = asyncio.create_task(self._run(), name="writer")

    async def stop(self) -> None:
        """Write what still waits, then write nothing more."""
        if self._task is not None:
            self._stopping = True
            self._called.set()
            await self._task
            self._task = None

    async def close(self) -> None:
        """Let go of the file, once this is stopped."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def write(self, change: Change[Result], then: Callable[[Result], None] | None = None) -> Result:
        """
        Run *change* in the next transaction and give its result once that is committed and durable.

        *then* is called with the result between the commit and the answer, whether the caller still waits or not.

        Raises what *change* raises, and `Unavailable` when too much waits or the database can't commit. A caller
        that is cancelled before its turn leaves nothing behind; one that is cancelled later doesn't undo it.
        """
        if self._task is None or self._task.done() or self._stopping:
            raise Unavailable("The server is shutting down.")
        if len(self._waiting) >= self._most_waiting:
            raise Unavailable("Too many changes are waiting to be written.")
        outcome: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append(Waiting(change, then, outcome))
        self._called.set()
        return cast("Result", await outcome)

    async def settle(self) -> None:
        """Wait until what is being written now is committed, or has failed."""
        if self._under_way is not None and not self._under_way.done():
            await asyncio.wait([self._under_way])

    async def _run(self) -> None:
        while self._waiting or not self._stopping:
            if batch := self._take():
                self._under_way = asyncio.get_running_loop().create_future()
                try:
                    await self._commit(batch)
                finally:
                    self._under_way.set_result(None)
            elif not self._stopping:
                self._called.clear()
                await self._called.wait()

    def _take(self) -> list[Waiting]:
        """Take the changes that come next, without those for which nobody waits any more."""
        batch: list[Waiting] = []
        while self._waiting and len(batch) < self._most_together:
            waiting = self._waiting.popleft()
            if not waiting.outcome.cancelled():
                batch.append(waiting)
        return batch

    async def _commit(self, batch: list[Waiting]) -> None:
        results: Results
        try:
            results = await self._make_durable(batch)
        except Exception as error:
            results = [(waiting, None, _not_kept(error)) for waiting in batch]
        else:
            self.commits += 1
            self.written += sum(failure is None for _, _, failure in results)
        for waiting, result, failure in results:
            if failure is None and waiting.then is not None:
                waiting.then(result)
            if waiting.outcome.done():
                continue
            if failure is None:
                waiting.outcome.set_result(result)
            else:
                waiting.outcome.set_exception(failure)

    async def _make_durable(self, batch: list[Waiting]) -> Results:
        """Make all changes in one transaction, and commit it."""
        if self._connection is None:
            self._connection = await self._connect()
        db = self._connection
        try:
            await db.begin_writing()
            try:
                results = [(waiting, *await _attempt(db, waiting.change)) for waiting in batch]
            except HalfDone:
                db.end()
                await db.begin_writing()
                results = [(waiting, *await _attempt_saved(db, waiting.change)) for waiting in batch]
            await db.commit()
        except BaseException:
            self._connection = None  # the next batch begins with a connection of which everything is known
            await db.close()
            raise
        return results


async def _attempt(db: Connection, change: Change[Any]) -> tuple[Any, BaseException | None]:
    """Run one change. Raises `HalfDone` when it fails and there may be something to undo."""
    before = db.changes
    try:
        return await change(db), None
    except (Exception, asyncio.CancelledError) as error:
        _require_own(error)
        if isinstance(error, NOT_KEPT) or db.changes != before:
            raise HalfDone from error
        return None, error


async def _attempt_saved(db: Connection, change: Change[Any]) -> tuple[Any, BaseException | None]:
    """Run one change in a SAVEPOINT. An error in undoing it goes up: then the whole transaction is lost."""
    db.save()
    try:
        result = await change(db)
    except (Exception, asyncio.CancelledError) as error:
        _require_own(error)
        db.undo()
        return None, _not_kept(error) if isinstance(error, NOT_KEPT) else error
    db.keep()
    return result, None


def _require_own(error: Exception | asyncio.CancelledError) -> None:
    """Raise again what was raised since not the change is cancelled, but the writer."""
    if (task := asyncio.current_task()) is not None and task.cancelling():
        raise error


def _not_kept(cause: Exception | asyncio.CancelledError) -> Unavailable:
    log.error("write failed", error=repr(cause))
    failure = Unavailable("The change could not be written; nothing of it was kept.")
    failure.__cause__ = cause
    return failure
