"""Failures: what an error that a database raised says of the transaction it was raised in."""

import sqlite3
from enum import Enum, auto

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError


class Failure(Enum):
    """What went wrong, by what helps against it."""

    OWN = auto()  # it wasn't the database
    CLASH = auto()  # somebody else was first: run again, a change sees what they did
    CROSSED = auto()  # two transactions were in each other's way: run again from its beginning, it may pass
    LOST = auto()  # the connection, and with it all that wasn't committed
    REFUSED = auto()  # busy, full, or too slow: nothing to do about it now
    FAULTY = auto()  # the statement is no good


class HalfDone(Exception):
    """Raised when a change failed after it had written something, where nothing marks where it began."""


# PostgreSQL's SQLSTATEs, and the classes of those that aren't named one by one.
CLASHES = {"23505"}
CROSSINGS = {"40001", "40P01"}
LOSSES = {"57P01", "57P02", "57P03", "57P05", "25P03", "25006"}
REFUSALS = {"3D000", "55P03", "57014"}
CLASSES = {"08": Failure.LOST, "28": Failure.REFUSED, "53": Failure.REFUSED, "58": Failure.REFUSED}


def failure_of(error: BaseException) -> Failure:
    """Tell what an error means to who is in a transaction."""
    cause: BaseException = getattr(error, "orig", None) or error
    state: str | None = getattr(cause, "sqlstate", None)
    if state is not None:
        return _failure_by_state(state)
    if isinstance(cause, (sqlite3.OperationalError, sqlite3.InterfaceError)):
        return Failure.REFUSED
    if isinstance(cause, ValueError):
        return Failure.OWN  # a value that no column takes
    if isinstance(cause, (OSError, TimeoutError)) or type(cause).__module__.startswith("asyncpg"):
        return Failure.LOST
    if isinstance(error, (OperationalError, InterfaceError)):
        return Failure.REFUSED
    return Failure.FAULTY if isinstance(error, DBAPIError) else Failure.OWN


def _failure_by_state(state: str) -> Failure:
    if state in CLASHES:
        return Failure.CLASH
    if state in CROSSINGS:
        return Failure.CROSSED
    if state in LOSSES:
        return Failure.LOST
    if state in REFUSALS:
        return Failure.REFUSED
    return CLASSES.get(state[:2], Failure.FAULTY)
