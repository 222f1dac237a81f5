"""The floor: a Starlette route that answers every request with the same bytes, which were made before."""

import os
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.benchmarks.peers.serving import serve

ANSWER = "PLAIN_ANSWER"  # the environment variable that names the file with the bytes


def plain(answer: bytes) -> Starlette:
    """Make an application whose `/graphql` gives *answer*, whatever is asked."""

    async def tell(_: Request) -> Response:
        return Response(answer, media_type="application/json")

    return Starlette(routes=[Route("/graphql", tell, methods=["POST"])])


if __name__ == "__main__":
    serve(plain(Path(os.environ[ANSWER]).read_bytes()))
