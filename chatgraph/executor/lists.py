"""Lists: the items of whatever may be iterated, now or later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from graphql.execution.executor import collect_iterator_awaitables

if TYPE_CHECKING:
    from chatgraph.executor.running import Run


def read_items(run: Run, items: Iterable[Any]) -> tuple[list[Any], Exception | None]:
    """Read all items, or those before the exception that ends them."""
    read: list[Any] = []
    iterator: Iterator[Any] = iter(())
    try:
        iterator = iter(items)
        for item in iterator:
            read.append(item)  # noqa: PERF402 -- what came before an exception counts
    except Exception as error:
        if left := collect_iterator_awaitables(iterator, run.is_awaitable):
            run.abandon(left)
        return read, error
    return read, None


async def read_stream(stream: Any, nullable: bool) -> tuple[list[Any], Exception | None]:
    """Read all items, or those before the exception that ends them, or up to one that ends the list."""
    read: list[Any] = []
    iterator = aiter(stream)
    try:
        async for item in iterator:
            read.append(item)
            if not nullable and (item is None or isinstance(item, Exception)):
                break
        else:
            return read, None
    except Exception as error:
        return read, error
    finally:
        if close := getattr(iterator, "aclose", None):
            with suppress(Exception):
                await close()
    return read, None
