"""Attempts: how one change of several in a transaction is run, and undone alone where it fails."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import structlog

from chatgraph.errors import Unavailable
from chatgraph.store.connections import Connection
from chatgraph.store.failures import Failure, failure_of

log = structlog.get_logger()

Result = TypeVar("Result")
Change = Callable[[Connection], Awaitable[Result]]
Attempt = Callable[[Connection, Change[Any]], Awaitable[tuple[Any, BaseException | None]]]
# How often a change is run again because somebody else was first.
MOST_CLASHES = 5


class HalfDone(Exception):
    """Raised when a change failed after it had written something, where nothing marks where it began."""


class OutcomeUnknown(Exception):
    """Raised when the connection was lost while the database committed."""


async def attempt_plainly(db: Connection, change: Change[Any]) -> tuple[Any, BaseException | None]:
    """Run one change. Raises `HalfDone` when it fails and there may be something to undo."""
    before = db.changes
    try:
        return await change(db), None
    except (Exception, asyncio.CancelledError) as error:
        _require_own(error)
        if failure_of(error) is not Failure.OWN or db.changes != before:
            raise HalfDone from error
        return None, error


async def attempt_saved(db: Connection, change: Change[Any]) -> tuple[Any, BaseException | None]:
    """Run one change in a SAVEPOINT. An error in undoing it goes up: then the whole transaction is lost."""
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
