"""Group commit, written by hand: what waits while one transaction is made durable goes into the next one."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException

Change = Callable[[sqlite3.Connection], Any]


class Commits:
    """
    Writes in one thread, in which a batch is one transaction; nobody is answered before its commit.

    A change that refuses raises `HTTPException` before it has written anything, so that no savepoint is needed.
    """

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            self._db.execute(f"PRAGMA {pragma}")
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="commits")
        self._waiting: list[tuple[Change, asyncio.Future[Any]]] = []
        self._writing = False

    def write(self, change: Change) -> asyncio.Future[Any]:
        """Run *change* in the next transaction; what is given is done with its result once that is durable."""
        outcome = asyncio.get_running_loop().create_future()
        self._waiting.append((change, outcome))
        self._begin()
        return outcome

    def _begin(self) -> None:
        if self._writing or not self._waiting:
            return
        batch, self._waiting, self._writing = self._waiting, [], True
        committed = asyncio.get_running_loop().run_in_executor(self._thread, self._commit, batch)

        def answer(committed: asyncio.Future[list[Any]]) -> None:
            self._writing = False
            failure = committed.exception()
            results = [failure] * len(batch) if failure else committed.result()
            for (_, outcome), result in zip(batch, results, strict=True):
                if outcome.cancelled():
                    continue
                if isinstance(result, BaseException):
                    outcome.set_exception(result)
                else:
                    outcome.set_result(result)
            self._begin()

        committed.add_done_callback(answer)

    def _commit(self, batch: list[tuple[Change, asyncio.Future[Any]]]) -> list[Any]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            results = [self._attempt(change) for change, _ in batch]
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise
        return results

    def _attempt(self, change: Change) -> Any:
        try:
            return change(self._db)
        except HTTPException as refusal:
            return refusal
