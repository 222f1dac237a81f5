"""What the commands share: the database option, and how they end where something is wrong."""

import asyncio
from collections.abc import Coroutine
from typing import Annotated, Any, TypeVar

import typer
from pydantic import ValidationError

from chatgraph.errors import ChatError
from chatgraph.settings import Settings

Result = TypeVar("Result")

DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        "--database",
        envvar="CHATGRAPH_DATABASE_URL",
        help="Where everything is kept: sqlite+aiosqlite:///FILE or postgresql+asyncpg://….",
        show_default="sqlite+aiosqlite:///chatgraph.db",
    ),
]


def read_settings(**given: Any) -> Settings:
    """Read the settings; what is *given* on the command line goes before the environment. Ends where they are no good."""
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        for wrong in error.errors(include_url=False):
            name = "_".join(str(part) for part in wrong["loc"]).upper()
            # Where we refuse a value, pydantic's message has "Value error" before ours.
            reason = wrong.get("ctx", {}).get("error", wrong["msg"])
            typer.secho(f"CHATGRAPH_{name}: {reason}", fg="red", err=True)
        raise typer.Exit(2) from None
    except UnicodeDecodeError as error:
        typer.secho(f".env isn't written in UTF-8: {error.reason} at byte {error.start}.", fg="red", err=True)
        raise typer.Exit(2) from None


def explained(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a command's work; where it can't be done, end with the reason in one sentence."""
    try:
        return asyncio.run(work)
    except (ChatError, ValueError) as error:
        typer.secho(str(error), fg="red", err=True)
        raise typer.Exit(1) from None
