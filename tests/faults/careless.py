"""`chatgraph serve`, but callers are answered before the commit: what the kill test must catch, or it proves nothing."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from chatgraph.cli import app
from chatgraph.store.attempts import Change
from chatgraph.store.rows import Connection
from chatgraph.store.writer import Writer

CROWD = 3  # only where so many write at once: whoever acts alone, as to set the scene, is served well
LATER = 0.05  # seconds by which a change falls behind its answer, so that any kill comes in between

_write = Writer.write
_under_way: set[object] = set()


async def write_carelessly(
    writer: Writer, change: Change[Any], then: Callable[[Any], None] | None = None, holds: Sequence[Any] = ()
) -> Any:
    """Give the result of *change* as soon as it ran; it is committed some time later, or never."""
    answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def answering(db: Connection) -> Any:
        result = await change(db)
        if len(_under_way) >= CROWD and not answer.done():
            answer.set_result(result)
            await asyncio.sleep(LATER)
        return result

    committing = asyncio.create_task(_write(writer, answering, then, holds))
    _under_way.add(committing)
    committing.add_done_callback(_under_way.discard)
    await asyncio.wait((answer, committing), return_when=asyncio.FIRST_COMPLETED)
    return await (answer if answer.done() else committing)


if __name__ == "__main__":
    Writer.write = write_carelessly  # type: ignore[method-assign]
    app()
