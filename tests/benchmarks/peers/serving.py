"""Serve a peer written in Python, on uvicorn as chatgraph sets it up."""

import argparse
import os
import socket
from pathlib import Path
from typing import Any

import uvicorn

from chatgraph.server.running import settle_in


class Server(uvicorn.Server):
    """uvicorn, that does at its start what `chatgraph serve` does."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        print(f"the peer listens on {await settle_in(self)}")


def serve(app: Any, **changed: Any) -> None:
    """Run an ASGI application where the command line says, until it is told to stop; *changed* are uvicorn's options."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--host")
    parser.add_argument("--port", type=int)
    given = parser.parse_args()
    options: dict[str, Any] = {"loop": "uvloop", "http": "httptools", "ws": "none", "server_header": False}
    options |= {"log_config": None, "access_log": False, **changed}
    Server(uvicorn.Config(app, given.host, given.port, **options)).run()


def database() -> Path:
    """Give the file that the peer reads: a copy of what chatgraph made."""
    return Path(os.environ["CHATGRAPH_DATABASE_URL"].removeprefix("sqlite+aiosqlite:///"))
