"""A copy of the file, taken beside a server that writes to it."""

import os
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

PAGES_A_STEP = 1000


def back_up(source: Path, file: Path, tell: Callable[[int, int], None], *, replace: bool = False) -> None:
    """
    Copy the database at *source* into *file* as it is now: with all that was committed before, and nothing else.

    *tell* is called with how many pages are copied, and of how many. The copy is readable by its owner alone, and gets
    its name once it was checked and is on the disk; what was there before is kept until then. Raises `ValueError` where
    that can't be done, or there is such a file and it isn't to be replaced.
    """
    draft = ""
    try:
        _require_room(source, file, replace=replace)
        descriptor, draft = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")  # mode 0600
        os.close(descriptor)
        _copy(source, draft, tell)
        _check(draft)
        _sync(Path(draft))
        os.replace(draft, file)
        _sync(file.parent)
    except (sqlite3.Error, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ValueError(f"{source} can't be copied into {file}: {reason}.") from error
    finally:
        for left in (draft, f"{draft}-journal"):
            with suppress(FileNotFoundError):
                os.unlink(left)


def _require_room(source: Path, file: Path, *, replace: bool) -> None:
    if not source.is_file():
        raise ValueError(f"There is no database at {source}.")
    if file.is_dir():
        raise ValueError(f"{file} is a folder; name a file in it.")
    if file.exists() and not file.is_file():
        raise ValueError(f"{file} is there and isn't a file: that is never replaced.")
    if file.exists() and file.samefile(source):
        raise ValueError(f"{file} is the database itself.")
    if file.exists() and not replace:
        raise ValueError(f"{file} is already there; --force replaces it.")
    for beside in ("-wal", "-shm", "-journal"):
        # SQLite would take such a log for the copy's own and play it back.
        if (log := file.with_name(f"{file.name}{beside}")).exists():
            raise ValueError(
                f"{log} is there: {file} is a database in use, or one that was left in the midst."
            )


def _copy(source: Path, draft: str, tell: Callable[[int, int], None]) -> None:
    """Copy while a transaction reads: without it, each commit of the server's would make SQLite begin again."""
    with (
        closing(sqlite3.connect(source, isolation_level=None)) as db,
        closing(sqlite3.connect(draft, isolation_level=None)) as copy,
    ):
        db.execute("PRAGMA query_only=ON")
        db.execute("PRAGMA wal_autocheckpoint=0")  # that is the server's
        db.execute("BEGIN")
        db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        db.backup(copy, pages=PAGES_A_STEP, progress=lambda _, left, pages: tell(pages - left, pages))
        db.execute("ROLLBACK")


def _check(draft: str) -> None:
    """Make the copy one file that needs no other, and look whether it is sound."""
    with closing(sqlite3.connect(draft, isolation_level=None)) as copy:
        try:
            copy.execute("PRAGMA journal_mode=DELETE")
            [said] = copy.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.DatabaseError as error:
            said = error
        if said != "ok":
            raise ValueError(f"The copy isn't sound, so neither is the database: {said}.")


def _sync(path: Path) -> None:
    """Have the disk keep a file, or the names in a folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
