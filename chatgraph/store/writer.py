"""A writer: changes that wait at the same moment are committed together, and answered after the commit."""

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar, cast

import structlog

from chatgraph.errors import Unavailable
from chatgraph.store.attempts import (
    Attempt,
    Change,
    OutcomeUnknown,
    Waiting,
    attempt_plainly,
    attempt_saved,
    not_kept,
)
from chatgraph.store.connections import TransactionalConnection
from chatgraph.store.failures import Failure, HalfDone, failure_of

log = structlog.get_logger()

Result = TypeVar("Result")
# How often a batch is run again because others were in its way, and how long a lost database is waited for.
MOST_CROSSINGS, PATIENCE = 8, 4.0
# How long `settle` waits: a commit takes less, unless it waits for others itself.
SETTLE_SECONDS = 0.02


Results = list[tuple[Waiting, Any, BaseException | None]]


class Writer:
    """
    Writes changes one after the other, as many as wait in one transaction (group commit).

    A change that fails is undone alone. Most fail before they write anything; if one does later, the transaction is
    rolled back and all its changes run again, each in its own SAVEPOINT. Where another writer was first, or in the way,
    they run again too, and where the database was lost before the commit, once it is back. So a change does nothing
    but write, and tells all else by its result. Nobody is answered before the commit, and when that fails, everybody
    in it is told that nothing was kept. `commits` and `written` count what was done.
    """

    def __init__(
        self,
        connect: Callable[[], Awaitable[TransactionalConnection]],
        most_together: int = 128,
        most_waiting: int = 10_000,
    ) -> None:
        self._connect = connect
        self._connection: TransactionalConnection | None = None
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
        """
        Write what still waits, then write nothing more.

        Cancelled, it breaks off what is being written, and tells whoever waits.
        """
        if self._task is not None:
            self._stopping = True
            self._called.set()
            try:
                await self._task
            finally:
                self._task = None

    async def close(self) -> None:
        """Let go of the database, once this is stopped."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def write(
        self,
        change: Change[Result],
        then: Callable[[Result], None] | None = None,
        holds: Sequence[Any] = (),
        *,
        abreast: bool = False,
    ) -> Result:
        """
        Run *change* in the next transaction and give its result once that is committed and durable.

        *abreast*, it may be run beside others in that transaction that are, instead of after them. *then* is called
        with the result between the commit and the answer, whether the caller still waits or not.

        Raises what *change* raises, and `Unavailable` when too much waits or the database can't commit. A caller
        that is cancelled before its turn leaves nothing behind; one that is cancelled later doesn't undo it.
        """
        if self._task is None or self._task.done() or self._stopping:
            raise Unavailable("The server is shutting down.")
        if len(self._waiting) >= self._most_waiting:
            raise Unavailable("Too many changes are waiting to be written.")
        outcome: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append(Waiting(change, then, holds, abreast, outcome))
        self._called.set()
        return cast("Result", await outcome)

    async def settle(self) -> None:
        """Wait until what is being written now is committed, or has failed, but not for long."""
        if self._under_way is not None and not self._under_way.done():
            await asyncio.wait([self._under_way], timeout=SETTLE_SECONDS)

    async def _run(self) -> None:
        try:
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
        finally:
            while self._waiting:
                _answer(self._waiting.popleft(), None, Unavailable("The server is shutting down."))

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
            results = [(waiting, None, not_kept(error)) for waiting in batch]
        except asyncio.CancelledError as error:
            unknown = OutcomeUnknown()
            unknown.__cause__ = error
            for waiting in batch:
                _answer(waiting, None, not_kept(unknown))
            raise
        else:
            self.commits += 1
            self.written += sum(failure is None for _, _, failure in results)
        for waiting, result, failure in results:
            if failure is None and waiting.then is not None:
                try:
                    waiting.then(result)
                except Exception:
                    log.exception("a change was written, but what comes after it failed")
            _answer(waiting, result, failure)

    async def _make_durable(self, batch: list[Waiting]) -> Results:
        """Make all changes in one transaction and commit it; from the beginning, where that may help."""
        clock = asyncio.get_running_loop().time
        attempt, crossings, deadline = attempt_plainly, 0, clock() + PATIENCE
        while True:
            try:
                if self._connection is None:
                    self._connection = await self._connect()
                return await _write_together(self._connection, batch, attempt)
            except HalfDone:
                attempt = attempt_saved
                if self._connection is not None and not self._connection.usable:
                    await self._let_go()  # what was done may still be there, and would be kept too
            except BaseException as error:
                await self._let_go()
                failure = failure_of(error)
                crossings += failure is Failure.CROSSED
                again = failure is Failure.CROSSED and crossings < MOST_CROSSINGS
                if not again and (failure is not Failure.LOST or clock() > deadline):
                    raise
                await asyncio.sleep(random.uniform(0.01, 0.1))  # noqa: S311 -- no secret

    async def _let_go(self) -> None:
        """Close the connection: what comes next begins with one of which everything is known."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()


def _answer(waiting: Waiting, result: Any, failure: BaseException | None) -> None:
    if waiting.outcome.done():
        return
    if failure is None:
        waiting.outcome.set_result(result)
    else:
        waiting.outcome.set_exception(failure)


async def _write_together(db: TransactionalConnection, batch: list[Waiting], attempt: Attempt) -> Results:
    await db.begin_writing([hold for waiting in batch for hold in waiting.holds])
    try:
        outcomes = await attempt(db, batch)
    except HalfDone:
        if db.usable:
            db.end()
        raise
    await db.commit()
    return [(waiting, *outcome) for waiting, outcome in zip(batch, outcomes, strict=True)]
