"""Counts the SQL that queries take."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from chatgraph.store.database import Database

APART = ("BEGIN", "ROLLBACK", "COMMIT", "PRAGMA")


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """Keep the statements that are read within the block; those that open and close a transaction aside."""
    statements: list[str] = []

    def keep(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(APART):
            statements.append(statement)

    engine = database._reading.sync_engine
    event.listen(engine, "before_cursor_execute", keep)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", keep)
