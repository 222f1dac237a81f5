"""`chatgraph serve` and `chatgraph migrate`."""

import asyncio
import os
from typing import Annotated

import typer

from chatgraph.cli.options import DatabaseUrl, explained, read_settings
from chatgraph.settings import Settings
from chatgraph.store.opening import database_at


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
    from chatgraph.server import running  # what no other command needs takes longest to be read

    running.run(settings, listener, lifeline, introduces=lifeline is None or introduce)


def _serve_with_workers(settings: Settings) -> int:
    """Run several processes on one socket until they are told to stop, and give the exit code."""
    try:
        shared = database_at(settings.database_url).shared
    except ValueError as error:
        typer.secho(str(error), fg="red", err=True)
        return 2
    if not shared:
        typer.secho(
            "SQLite is written by one process alone: more than one worker needs PostgreSQL"
            " (CHATGRAPH_DATABASE_URL=postgresql+asyncpg://user:password@host/chatgraph).",
            fg="red",
            err=True,
        )
        return 2
    from chatgraph.server.workers import Workers, bound

    try:
        listener = bound(settings.host, settings.port)
    except OSError as error:
        typer.secho(f"{settings.host} can't be listened on: {error.strerror}.", fg="red", err=True)
        return 1
    os.environ |= {"CHATGRAPH_HOST": settings.host, "CHATGRAPH_DATABASE_URL": settings.database_url}
    return asyncio.run(Workers(settings.workers, listener).run())


def migrate(database: DatabaseUrl = None) -> None:
    """Bring the database up to date and leave. `serve` does that by itself when it starts."""
    settings = read_settings(database_url=database)
    typer.echo(f"{explained(_bring_up_to_date(settings))}.")


async def _bring_up_to_date(settings: Settings) -> str:
    """Do it, and say how the database stands then."""
    kept = database_at(settings.database_url, alone=False)
    try:
        await kept.migrate()
    finally:
        await kept.close()
    return f"{kept.name} is {kept.standing.told}"
