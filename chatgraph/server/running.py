"""A server: uvicorn, as chatgraph runs it."""

import asyncio
import gc
import signal
import socket
from typing import Any

import typer
import uvicorn

from chatgraph.app import create_app
from chatgraph.schema.live.telling import Live
from chatgraph.server.http import HttpProtocol
from chatgraph.server.introduction import introduction
from chatgraph.server.patience import PatientSocket
from chatgraph.server.workers import Lifeline
from chatgraph.settings import Settings

# How uvicorn speaks on sockets: small frames, no compression, and a ping that finds who is gone within 40 s.
SOCKETS: dict[str, Any] = {
    "ws": PatientSocket,
    "ws_max_size": 64 * 1024,
    "ws_per_message_deflate": False,
    "ws_ping_interval": 20,
    "ws_ping_timeout": 20,
}


# How long what is under way may take when the server stops: over sockets, and in all.
ANSWERING_SECONDS, STOPPING_SECONDS = 5, 8
LISTENERS = 16  # connections that are let in in one turn of the event loop
MADE_BETWEEN_COLLECTIONS = 10_000  # objects


class Server(uvicorn.Server):
    """uvicorn, that says where it listens once it does."""

    def __init__(
        self,
        config: uvicorn.Config,
        settings: Settings,
        live: Live,
        lifeline: Lifeline | None,
        introduces: bool,
    ) -> None:
        super().__init__(config)
        self.settings = settings
        self.live = live
        self.lifeline, self.introduces = lifeline, introduces

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        address = await settle_in(self)
        if self.introduces:
            for line in introduction(address, self.settings, self.live.chat.database):
                typer.echo(line)
        if self.lifeline is not None:
            self.lifeline.say_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop accepting, end what listens, answer what is under way and close: clients connect again after 1012."""
        clock = asyncio.get_running_loop().time
        began = clock()
        for server in self.servers:
            server.close()
        await self.live.finish(ANSWERING_SECONDS)
        self.config.timeout_graceful_shutdown = max(1, STOPPING_SECONDS - round(clock() - began))
        await super().shutdown(sockets)


async def settle_in(server: uvicorn.Server) -> str:
    """Make a server that has started ready for many, and give its address."""
    await listen_again(server)
    # What was made until now stays for ever: the collector needs not look at it again.
    gc.collect()
    gc.freeze()
    # Nor often at what is made from now on: of a request under way all is in use, and hardly anything goes in circles.
    gc.set_threshold(MADE_BETWEEN_COLLECTIONS)
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def listen_again(server: uvicorn.Server, times: int = LISTENERS - 1) -> None:
    """
    Listen on the sockets of a server that has started, so many more *times*.

    libuv takes one connection from a listener in each turn of the event loop: of many that come at once to a busy
    server, as after its restart, the last would wait for as many turns.
    """
    loop, config = asyncio.get_running_loop(), server.config
    protocol: Any = config.http_protocol_class

    def speak() -> asyncio.Protocol:
        return protocol(config=config, server_state=server.server_state, app_state=server.lifespan.state)

    for listener in [each for first in server.servers for each in first.sockets] * times:
        again = socket.fromfd(listener.fileno(), listener.family, listener.type)
        server.servers.append(await loop.create_server(speak, sock=again, backlog=config.backlog))


def run(settings: Settings, listener: int | None, lifeline: int | None, *, introduces: bool) -> None:
    """
    Serve until told to stop, on the socket *listener* or one of its own; a worker is tied by its *lifeline*.

    Ends with the reason where the settings are no good.
    """
    try:
        app = create_app(settings)
    except (ValueError, OSError) as error:
        typer.secho(str(error), fg="red", err=True)
        raise typer.Exit(2) from None
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=HttpProtocol,
        **SOCKETS,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_graceful_shutdown=STOPPING_SECONDS,
    )
    tied = None if lifeline is None else Lifeline(lifeline)
    server = Server(config, settings, app.state.live, tied, introduces=introduces)

    def end(*_: Any) -> None:
        server.should_exit = True

    for told_to_stop in (signal.SIGINT, signal.SIGTERM):
        # Once it runs, uvicorn hears these itself, and raises them again when it has stopped: then all is done.
        signal.signal(told_to_stop, end)
    server.run(None if listener is None else [socket.socket(fileno=listener)])
