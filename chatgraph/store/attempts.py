"""Attempts: how the changes of a transaction are run, and one undone alone where it fails."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeVar

import structlog

from chatgraph.errors import Unavailable
from chatgraph.store.abreast import Outcome, run_abreast
from chatgraph.store.connections import Connection, TransactionalConnection
from chatgraph.store.failures import Failure, HalfDone, failure_of

log = structlog.get_logger()

Result = TypeVar("Result")
Change = Callable[[Connection], Awaitable[Result]]
# How often a change is run again because somebody else was first.
MOST_CLASHES = 5


@dataclass(slots=True)
class Waiting:
    """
    A change that waits to be written, what it holds, and the future in which its caller waits for it.

    *abreast*, it is run beside its neighbours that are too, in any order.
    """

    change: Change[Any]
    then: Callable[[Any], None] | None
    holds: Sequence[Any]
    abreast: bool
    outcome: asyncio.Future[Any]


Attempt = Callable[[TransactionalConnection, Sequence[Waiting]], Awaitable[list[Outcome]]]


class OutcomeUnknown(Exception):
    """Raised when the connection was lost while the database committed."""


async def attempt_plainly(db: TransactionalConnection, batch: Sequence[Waiting]) -> list[Outcome]:
    """Run changes. Raises `HalfDone` when one fails and there may be something to undo."""
    outcomes: list[Outcome] = []
    for abreast, neighbours in groupby(batch, lambda waiting: waiting.abreast):
        changes = [waiting.change for waiting in neighbours]
        if abreast:
            outcomes += await run_abreast(db, changes)
        else:
            outcomes += [await _try(db, change) for change in changes]
    return outcomes


async def attempt_saved(db: TransactionalConnection, batch: Sequence[Waiting]) -> list[Outcome]:
    """Run each change in a SAVEPOINT. An error in undoing one goes up: then the whole transaction is lost."""
    return [await _try_saved(db, waiting.change) for waiting in batch]


async def _try(db: TransactionalConnection, change: Change[Any]) -> Outcome:
    before = db.changes
    try:
        return await change(db), None
    except (Exception, asyncio.CancelledError) as error:
        _require_own(error)
        if failure_of(error) is not Failure.OWN or db.changes != before:
            raise HalfDone from error
        return None, error


async def _try_saved(db: TransactionalConnection, change: Change[Any]) -> Outcome:
    clashes = 0
    while True:
        await db.save()
        try:
            result = await change(db)
        except (Exception, asyncio.CancelledError) as error:
            _require_own(error)
            failure = failure_of(error)
            if failure in (Failure.CROSSED, Failure.LOST):
                raise
            await db.undo()
            clashes += failure is Failure.CLASH
            if failure is Failure.CLASH and clashes < MOST_CLASHES:
                continue
            return None, error if failure in (Failure.OWN, Failure.FAULTY) else not_kept(error)
        await db.keep()
        return result, None


def _require_own(error: Exception | asyncio.CancelledError) -> None:
    """Raise again what was raised since not the change is cancelled, but the writer."""
    if (task := asyncio.current_task()) is not None and task.cancelling():
        raise error


def not_kept(cause: Exception | asyncio.CancelledError) -> Unavailable:
    """Give what the caller is told of a change that the database refused, and log why."""
    if isinstance(cause, OutcomeUnknown):
        log.error("the database was lost while it committed", error=repr(cause.__cause__))
        failure = Unavailable(
            "The database was lost while it wrote the change: it may be kept or not. Look, or try again;"
            " a talk that is posted again with the same `clientKey` isn't posted twice."
        )
    else:
        log.error("write failed", error=repr(cause))
        failure = Unavailable("The change could not be written; nothing of it was kept.")
    failure.__cause__ = cause
    return failure
