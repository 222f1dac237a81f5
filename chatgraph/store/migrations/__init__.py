"""How the tables came to be: one row of revisions, for every database that chatgraph speaks to."""

from alembic import command
from sqlalchemy import Connection

from chatgraph.store.migrations.script import config
from chatgraph.store.migrations.script import newest as newest
from chatgraph.store.migrations.standing import Standing, standing_of


def upgrade(connection: Connection) -> Standing:
    """
    Bring the tables up to the newest revision, within the caller's transaction, and give how they stand.

    Tables of a newer chatgraph that this one works with stay as they are. Raises `ValueError` where it doesn't.
    """
    standing = standing_of(connection)
    standing.require_fit()
    if standing.is_newer or standing.revision == newest():
        return standing
    command.upgrade(config(connection), "head")
    return standing_of(connection)
