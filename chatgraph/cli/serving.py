"""`chatgraph serve` and `chatgraph migrate`."""

import asyncio
import gc
import ipaddress
import os
import signal
import socket
from typing import Annotated, Any

import typer
import uvicorn

from chatgraph.app import create_app
from chatgraph.cli.options import DatabaseUrl, explained, read_settings
from chatgraph.cli.patience import PatientProtocol, PatientSocket
from chatgraph.cli.workers import Lifeline, Workers
from chatgraph.schema.live.telling import Live
from chatgraph.settings import Settings
from chatgraph.store.database import Database
from chatgraph.store.opening import database_at

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
        await listen_again(self)
        # What was made until now stays for ever: the collector needs not look at it again.
        gc.collect()
        gc.freeze()
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        if self.introduces:
            for line in _introduction(address, self.settings, self.live.chat.database):
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


def serve(
    host: Annotated[
        str | None,
        typer.Option(envvar="CHATGRAPH_HOST", help="The address to listen on.", show_default="127.0.0.1"),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            envvar="CHATGRAPH_PORT", help="The port to listen on; 0 takes a free one.", show_default="8000"
        ),
    ] = None,
    database: DatabaseUrl = None,
    workers: Annotated[
        int | None,
        typer.Option(
            envvar="CHATGRAPH_WORKERS",
            help="How many processes serve on this machine; more than one needs PostgreSQL.",
            show_default="1",
        ),
    ] = None,
    listener: Annotated[int | None, typer.Option("--socket", hidden=True)] = None,
    lifeline: Annotated[int | None, typer.Option(hidden=True)] = None,
    introduce: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """
    Run the server until it is told to stop (Ctrl-C, SIGTERM).

    Without settings it listens on 127.0.0.1:8000 and keeps everything in chatgraph.db in this folder, which it
    makes or brings up to date. GraphiQL is at /graphql, the REST contract below /api/v1.
    """
    settings = read_settings(host=host, port=port, database_url=database, workers=workers)
    if settings.workers > 1 and lifeline is None:
        raise typer.Exit(_serve_with_workers(settings))
    explained(_bring_up_to_date(settings))
    try:
        app = create_app(settings)
    except (ValueError, OSError) as error:
        typer.secho(str(error), fg="red", err=True)
        raise typer.Exit(2) from None
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=PatientProtocol,
        **SOCKETS,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_graceful_shutdown=STOPPING_SECONDS,
    )
    for told_to_stop in (signal.SIGINT, signal.SIGTERM):
        # uvicorn stops for these by itself, and raises them again once it has: then all is done.
        signal.signal(told_to_stop, lambda *_: None)
    tied = None if lifeline is None else Lifeline(lifeline)
    server = Server(config, settings, app.state.live, tied, introduces=tied is None or introduce)
    server.run(None if listener is None else [socket.socket(fileno=listener)])


def _serve_with_workers(settings: Settings) -> int:
    """Run several processes on one socket until they are told to stop, and give the exit code."""
    if not database_at(settings.database_url).shared:
        typer.secho(
            "SQLite is written by one process alone: more than one worker needs PostgreSQL"
            " (CHATGRAPH_DATABASE_URL=postgresql+asyncpg://user:password@host/chatgraph).",
            fg="red",
            err=True,
        )
        return 2
    os.environ |= {"CHATGRAPH_HOST": settings.host, "CHATGRAPH_DATABASE_URL": settings.database_url}
    listener = uvicorn.Config("", host=settings.host, port=settings.port, log_config=None).bind_socket()
    return asyncio.run(Workers(settings.workers, listener).run())


def migrate(database: DatabaseUrl = None) -> None:
    """Bring the database up to date and leave. `serve` does that by itself when it starts."""
    settings = read_settings(database_url=database)
    explained(_bring_up_to_date(settings))
    typer.echo(f"{database_at(settings.database_url).name} is up to date.")


async def _bring_up_to_date(settings: Settings) -> None:
    kept = database_at(settings.database_url, alone=False)
    try:
        await kept.migrate()
    finally:
        await kept.close()


def _introduction(address: str, settings: Settings, database: Database) -> list[str]:
    """Say where everything is, and what is not as it should be on a server for many."""
    lines = [f"chatgraph listens on {address}"]
    lines.append(
        f"  GraphQL   {address}/graphql"
        + ("   (open it in a browser: GraphiQL)" if settings.introspection else "")
    )
    lines.append(f"  REST      {address}/api/v1   (described at {address}/api/v1/openapi.json)")
    lines.append(f"  database  {database.about}")
    lines += [f"            {line}" for line in database.cautions]
    if database.shared and settings.rate_limits and settings.redis_url is None:
        lines.append(
            "  rates     each process counts attempts for itself; CHATGRAPH_REDIS_URL counts for all."
        )
    if not settings.rate_limits:
        lines.append("  warning: rate limits are off; anybody may try passwords as fast as they can.")
    if not _is_loopback(settings.host) and not settings.trusted_proxies:
        lines.append(
            "  warning: this is plain HTTP, and others can reach it: put a proxy with TLS in front of it, and"
        )
        lines.append(
            "           name it in CHATGRAPH_TRUSTED_PROXIES, or all its users share one address's rates."
        )
    if "*" in settings.allowed_origins:
        lines.append("  warning: every web page may call this server (CHATGRAPH_ALLOWED_ORIGINS=*).")
    return lines


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
