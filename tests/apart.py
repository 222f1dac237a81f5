"""An event loop apart from that of the test."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

Result = TypeVar("Result")


class Apart:
    """A thread with an event loop of its own, for what has to be waited for where nobody can await it."""

    def __init__(self) -> None:
        self._thread, self._runner = ThreadPoolExecutor(1), asyncio.Runner()

    def start(self, doing: Coroutine[Any, Any, Result]) -> Future[Result]:
        """Begin to do something there."""
        return self._thread.submit(self._runner.run, doing)

    def run(self, doing: Coroutine[Any, Any, Result]) -> Result:
        """Do something there, and wait for it; this thread stands still meanwhile."""
        return self.start(doing).result()

    def close(self) -> None:
        """End the loop and the thread."""
        self._thread.submit(self._runner.close).result()
        self._thread.shutdown()
