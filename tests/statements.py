"""The SQL that is run, for tests that count it or have it explained."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from chatgraph.store.prepared import Prepared
from chatgraph.store.sqlite.connections import SqliteConnection
from chatgraph.store.sqlite.spelling import Spelling

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
        if not text.startswith(APART):
            run.append(Statement(text, given))

    fetch = SqliteConnection.fetch

    async def fetch_noted(self: SqliteConnection, statement: Prepared, values: Mapping[str, Any]) -> Any:
        run.append(Statement(*statement.spelled(Spelling).write(values)))
        return await fetch(self, statement, values)

    event.listen(Engine, "before_cursor_execute", note)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(SqliteConnection, "fetch", fetch_noted)
        yield run
    event.remove(Engine, "before_cursor_execute", note)
