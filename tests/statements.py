"""The SQL that is run, for tests that count it or have it explained."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from chatgraph.store.postgres.connections import PostgresConnection
from chatgraph.store.postgres.spelling import Spelling as PostgresSpelling
from chatgraph.store.prepared import Prepared
from chatgraph.store.sqlite.connections import SqliteConnection
from chatgraph.store.sqlite.spelling import Spelling as SqliteSpelling
from tests.databases import ON_SQLITE

APART = ("BEGIN", "ROLLBACK", "COMMIT", "PRAGMA")


class Statement(NamedTuple):
    """A statement that was run, and its parameters."""

    text: str
    given: Any


@contextmanager
def noted() -> Iterator[list[Statement]]:
    """Note all statements that are run in the block; those that open and close a transaction aside."""
    run: list[Statement] = []

    def note(_: Any, __: Any, text: str, given: Any, *___: Any) -> None:
        if not text.startswith(APART) and not _beside():
            run.append(Statement(text, given))

    connection: Any = SqliteConnection if ON_SQLITE else PostgresConnection
    fetch = connection.fetch

    async def fetch_noted(self: Any, statement: Prepared, values: Mapping[str, Any]) -> Any:
        if not _beside():
            run.append(_written(statement, values))
        return await fetch(self, statement, values)

    event.listen(Engine, "before_cursor_execute", note)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(connection, "fetch", fetch_noted)
        yield run
    event.remove(Engine, "before_cursor_execute", note)


def _beside() -> bool:
    """Tell whether this is done by nobody who asked, but by what looks after the database all the time."""
    task = asyncio.current_task()
    return task is not None and task.get_name() in ("lookout", "cleanup")


def _written(statement: Prepared, values: Mapping[str, Any]) -> Statement:
    if ON_SQLITE:
        return Statement(*statement.spelled(SqliteSpelling).write(values))
    spelling = statement.spelled(PostgresSpelling)
    return Statement(spelling.text, spelling.write(values))
