"""`chatgraph move`."""

from typing import Annotated

import typer

from chatgraph.cli.options import explained, read_settings
from chatgraph.cli.progress import showing
from chatgraph.settings import Settings
from chatgraph.store.database import Database
from chatgraph.store.moving.moving import Moved
from chatgraph.store.moving.moving import move as move_everything
from chatgraph.store.opening import database_at


def move(
    source: Annotated[str, typer.Argument(metavar="FROM", help="The address of the database that there is.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="The address of an empty one.")],
) -> None:
    """
    Move everything from one database to another, as from SQLite to PostgreSQL.

    Stop the server first. FROM stays as it is; TO is compared with it at the end, and no server starts on TO before
    that. If it is broken off, the same command goes on where it was. Ids, cursors and sessions stay good.
    """
    settings = read_settings()

    async def carry() -> None:
        kept, new = database_at(source), database_at(target)
        with showing() as tell:
            moved = await move_everything(kept, new, tell)
        for line in [
            *_table(moved),
            "",
            f"{new.name} holds all that {kept.name} holds.",
            *_keys(settings, kept, new),
        ]:
            typer.echo(line)

    explained(carry())


def _table(moved: list[Moved]) -> list[str]:
    lines = [f"{'table':<16}{'rows':>12}{'last id':>12}  SHA-256 at both ends"]
    for table in moved:
        last_id = "" if table.last_id is None else table.last_id
        lines.append(f"{table.table:<16}{table.rows:>12}{last_id:>12}  {table.digest}")
    return lines


def _keys(settings: Settings, kept: Database, new: Database) -> list[str]:
    """Say how the key comes along, without which nobody stays signed in."""
    if settings.secret_key is not None or kept.key_file is None or not kept.key_file.exists():
        return ["Its servers need the same CHATGRAPH_SECRET_KEY as before."]
    if new.key_file is not None:
        return [f"Copy {kept.key_file} to {new.key_file}: it is the key of all tokens."]
    return [
        f"Its servers need CHATGRAPH_SECRET_KEY to be what {kept.key_file} holds: it is the key of all tokens."
    ]
