"""The floor: a Starlette route that answers every request with the same bytes, which were made before."""

import argparse
import gc
import os
import socket
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

ANSWER = "PLAIN_ANSWER"  # the environment variable that names the file with the bytes


class Server(uvicorn.Server):
    """uvicorn, that does at its start what `chatgraph serve` does."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        gc.collect()
        gc.freeze()
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        print(f"plain listens on http://{host}:{port}")


def plain(answer: bytes) -> Starlette:
    """Make an application whose `/graphql` gives *answer*, whatever is asked."""

    async def tell(_: Request) -> Response:
        return Response(answer, media_type="application/json")

    return Starlette(routes=[Route("/graphql", tell, methods=["POST"])])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--host")
    parser.add_argument("--port", type=int)
    given = parser.parse_args()
    app = plain(Path(os.environ[ANSWER]).read_bytes())
    options = {"loop": "uvloop", "http": "httptools", "ws": "none", "log_config": None, "access_log": False}
    Server(uvicorn.Config(app, given.host, given.port, server_header=False, **options)).run()
