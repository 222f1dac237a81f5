"""How the tables came to be: one row of revisions, for every database that chatgraph speaks to."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection


def upgrade(connection: Connection) -> None:
    """
    Bring the tables up to the newest revision, within the caller's transaction.

    Raises `ValueError` when they are newer than this code knows.
    """
    try:
        command.upgrade(_config(connection), "head")
    except CommandError as error:
        raise ValueError(
            f"The database was written by a newer chatgraph; upgrade chatgraph first. ({error})"
        ) from error


def newest() -> str:
    """Give the id of the newest revision."""
    return ScriptDirectory.from_config(_config(None)).get_current_head() or ""


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
