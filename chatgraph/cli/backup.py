"""`chatgraph backup`."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from chatgraph.cli.options import DatabaseUrl, explained, read_settings
from chatgraph.cli.progress import showing
from chatgraph.store.opening import database_at


def backup(
    file: Annotated[
        Path,
        typer.Argument(help="Where the copy is kept."),
    ],
    force: Annotated[bool, typer.Option("--force", help="Replace the file, if it is there.")] = False,
    database: DatabaseUrl = None,
) -> None:
    """
    Copy a SQLite database into FILE, beside a server that may be running on it.

    The copy holds all that was acknowledged before it began. It is checked, readable by you alone, and there wholly or
    not at all. To go back to it, stop the server and put it in the database's place.
    """
    settings = read_settings(database_url=database)

    async def copy() -> None:
        kept = database_at(settings.database_url, alone=False)
        with showing() as tell:
            kept.back_up(file, partial(tell, f"Copying {kept.name}"), replace=force)
        typer.echo(f"{file} holds {kept.name} as it was when this began, and was checked.")
        if settings.secret_key is None and kept.key_file is not None and kept.key_file.exists():
            typer.echo(f"The key of its tokens isn't in it; keep a copy of {kept.key_file} elsewhere too.")

    explained(copy())
