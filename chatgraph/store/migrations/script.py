"""The revisions that this code knows: the files in `versions`."""

from functools import lru_cache
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def config(connection: Connection | None = None) -> Config:
    """Tell Alembic where the revisions are, and on which connection to run them."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    made.attributes["connection"] = connection
    return made


@lru_cache(1)
def known() -> tuple[str, ...]:
    """Give the ids of all revisions that this code knows, the newest first."""
    return tuple(script.revision for script in ScriptDirectory.from_config(config()).walk_revisions())


def newest() -> str:
    """Give the id of the newest revision."""
    return known()[0]
