"""Whether anything was committed, by whichever process, asked so often that it must cost next to nothing."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path


@contextmanager
def watching(path: Path) -> Iterator[Callable[[], bool]]:
    """
    Give what tells whether anything may have been committed to a database since it was asked last.

    Nothing is read from the file: SQLite looks into memory that its connections share, which takes microseconds, so
    this is asked without a thread. It can't tell this process's own commits from those of others.
    """
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as db:
        db.execute("PRAGMA query_only=ON")
        seen = None

        def changed() -> bool:
            nonlocal seen
            try:
                [version] = db.execute("PRAGMA data_version").fetchone()
            except sqlite3.OperationalError:
                return True  # it is busy: nobody knows
            before, seen = seen, version
            return version != before

        yield changed
