"""Waiting for somebody, but not for ever."""

import asyncio
from collections.abc import Awaitable, Generator
from types import coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


async def within(seconds: float, awaited: Awaitable[Result]) -> Result:
    """
    Await something for so many seconds at most. Raises `TimeoutError`.

    The time is taken only where there is something to wait for: a timer costs more than most of what needs none.
    """
    steps = awaited.__await__()
    try:
        waits_for = next(steps)
    except StopIteration as result:
        return result.value
    async with asyncio.timeout(seconds):
        return await _go_on(steps, waits_for)


@coroutine
def _go_on(steps: Generator[Any, Any, Result], waits_for: Any) -> Generator[Any, Any, Result]:
    """Go on with what waits already: `yield from` would begin it again."""
    while True:
        try:
            yield waits_for
        except BaseException as error:
            thrown = error
        else:
            thrown = None
        try:
            waits_for = next(steps) if thrown is None else steps.throw(thrown)
        except StopIteration as result:
            return result.value
