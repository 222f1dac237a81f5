"""
The floor: every post makes a bare loop call `send` with the same bytes once for each listener.

It does what the load needs to see and no more: handshakes, a `connection_ack`, and an answer to the post. Nothing that
clients send is looked at. Less than one `send` a listener is possible only for who joins several talks in one.
"""

import argparse
import asyncio
import gc
import os
import socket
from pathlib import Path

import uvloop

MESSAGE = (
    "TOLD_MESSAGE"  # the environment variable that names the file with the message that listeners are told
)
ACK = '{"type":"connection_ack"}'
ANSWER = '{"data":null}'
UPGRADE = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)


def frame(text: bytes) -> bytes:
    """Frame a text message of less than 65,536 bytes as servers do (RFC 6455, section 5.2)."""
    size = bytes((len(text),)) if len(text) < 126 else b"\x7e" + len(text).to_bytes(2, "big")
    return b"\x81" + size + text


class Floor:
    """Listeners, and what all of them are told."""

    def __init__(self, message: bytes) -> None:
        self._listeners: set[socket.socket] = set()
        self._told = frame(message)
        self._serving: set[asyncio.Task[None]] = set()

    async def run(self, listening: socket.socket) -> None:
        """Serve connections for ever."""
        loop = asyncio.get_running_loop()
        while True:
            connection, _ = await loop.sock_accept(listening)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            task = asyncio.create_task(self._serve(connection))
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)

    async def _serve(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        with connection:
            if (await loop.sock_recv(connection, 65536)).startswith(b"POST"):
                await self._take_posts(connection)
                return
            await loop.sock_sendall(connection, UPGRADE)
            await loop.sock_recv(connection, 65536)  # connection_init
            await loop.sock_sendall(connection, frame(ACK.encode()))
            await loop.sock_recv(connection, 65536)  # subscribe
            self._listeners.add(connection)
            while await loop.sock_recv(connection, 65536):
                pass
            self._listeners.discard(connection)

    async def _take_posts(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        answer = f"HTTP/1.1 200 OK\r\nContent-Length: {len(ANSWER)}\r\n\r\n{ANSWER}".encode()
        posted = True
        while posted:
            for listener in self._listeners:
                listener.send(self._told)
            connection.send(answer)
            posted = await loop.sock_recv(connection, 65536)


def main() -> None:
    """Run it from the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--host")
    parser.add_argument("--port", type=int)
    given = parser.parse_args()
    floor = Floor(Path(os.environ[MESSAGE]).read_bytes())
    with socket.create_server((given.host, given.port), backlog=2048) as listening:
        listening.setblocking(False)
        print(f"floor listens on http://{given.host}:{listening.getsockname()[1]}")
        gc.collect()
        gc.freeze()
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(floor.run(listening))


if __name__ == "__main__":
    main()
