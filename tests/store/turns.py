"""Turns of the event loop."""

import asyncio


async def turns_until(done: asyncio.Task[object]) -> int:
    """Count the turns that the event loop takes until something is done."""
    turns = 0
    while not done.done():
        await asyncio.sleep(0)
        turns += 1
    return turns
