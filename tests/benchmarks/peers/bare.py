"""An ASGI application without a framework, on uvicorn as chatgraph sets it up: each listener is sent the same text."""

import os
from pathlib import Path
from typing import Any

from uvicorn._types import ASGIReceiveCallable, ASGISendCallable, Scope

from chatgraph.server.running import SOCKETS
from tests.benchmarks.peers.floor import ACK, ANSWER, MESSAGE
from tests.benchmarks.peers.serving import serve

PROTOCOL = "graphql-transport-ws"


class Bare:
    """The application."""

    def __init__(self, message: str) -> None:
        self._told: Any = {"type": "websocket.send", "text": message}
        self._listeners: set[ASGISendCallable] = set()

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] == "websocket":
            await self._listen(receive, send)
        elif scope["type"] == "http":
            await self._post(send)

    async def _listen(self, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        await receive()  # websocket.connect
        await send({"type": "websocket.accept", "subprotocol": PROTOCOL, "headers": []})
        await receive()  # connection_init
        ack: Any = {"type": "websocket.send", "text": ACK}
        await send(ack)
        await receive()  # subscribe
        self._listeners.add(send)
        while (await receive())["type"] != "websocket.disconnect":
            pass
        self._listeners.discard(send)

    async def _post(self, send: ASGISendCallable) -> None:
        for listener in list(self._listeners):
            await listener(self._told)
        headers = [(b"content-length", str(len(ANSWER)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers, "trailers": False})
        await send({"type": "http.response.body", "body": ANSWER.encode(), "more_body": False})


if __name__ == "__main__":
    app = Bare(Path(os.environ[MESSAGE]).read_text())
    serve(app, lifespan="off", timeout_graceful_shutdown=2, **SOCKETS)
