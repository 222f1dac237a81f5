"""A watch tells that something was committed, by whichever connection, and nothing else."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from chatgraph.store.sqlite.watching import watching

pytestmark = pytest.mark.sqlite


@pytest.fixture
def other(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Somebody else's connection to a database."""
    path = tmp_path / "watched.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE things (n)")
        yield connection


def path_of(connection: sqlite3.Connection) -> Path:
    return Path(connection.execute("PRAGMA database_list").fetchone()[2])


def test_it_tells_once_of_what_was_committed(other: sqlite3.Connection) -> None:
    with watching(path_of(other)) as changed:
        assert changed()  # nobody knows what was before
        assert not changed()
        other.execute("INSERT INTO things VALUES (1)")
        assert changed()
        assert not changed()


def test_it_tells_nothing_of_what_was_read_or_undone(other: sqlite3.Connection) -> None:
    with watching(path_of(other)) as changed:
        changed()
        other.execute("SELECT * FROM things").fetchall()
        other.execute("BEGIN IMMEDIATE")
        other.execute("INSERT INTO things VALUES (1)")
        assert not changed()
        other.execute("ROLLBACK")
        assert not changed()


def test_it_waits_for_nobody(other: sqlite3.Connection) -> None:
    with watching(path_of(other)) as changed:
        changed()
        other.execute("BEGIN EXCLUSIVE")
        assert not changed()
        other.execute("COMMIT")
