"""Listening: many who connect at once are let in soon, however long each turn of the event loop takes."""

import asyncio
import contextlib
import socket

import uvicorn
import uvloop
from starlette.applications import Starlette

from chatgraph.server.running import LISTENERS, listen_again

COMING = 128


async def count_turns() -> int:
    """Connect many times before the event loop takes its next turn; give how many turns it takes to let all in."""
    config = uvicorn.Config(Starlette(), port=0, log_config=None, lifespan="off")
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    await listen_again(server)
    turns = 0
    with contextlib.ExitStack() as stack:
        for _ in range(COMING):
            stack.enter_context(socket.create_connection(server.servers[0].sockets[0].getsockname()))
        while len(server.server_state.connections) < COMING:
            await asyncio.sleep(0)
            turns += 1
    await server.shutdown()
    return turns


def test_many_who_come_at_once_are_let_in_within_a_few_turns() -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(count_turns()) <= 4 * COMING / LISTENERS
