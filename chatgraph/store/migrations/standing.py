"""
Whether this code works with the tables as they are.

A revision only adds to the tables, or takes away what the version before it no longer used; it says by `oldest` whose
code goes on working. So servers of one version work beside those of the next.
"""

from typing import NamedTuple

from alembic.migration import MigrationContext
from sqlalchemy import Connection as SyncConnection
from sqlalchemy import String, column, delete, insert, inspect, select, table

from chatgraph.errors import Unavailable
from chatgraph.store.connections import Connection
from chatgraph.store.failures import Failure, failure_of
from chatgraph.store.migrations.script import known, newest
from chatgraph.store.prepared import Prepared
from chatgraph.store.tables import compatibility

# Stands for the oldest revision while everything is moved into a database: no code works with half of it.
MOVING = "moving"

_versions = table("alembic_version", column("version_num", String(32)))
STANDING = Prepared(
    select(
        select(_versions.c.version_num).scalar_subquery(),
        select(compatibility.c.oldest).scalar_subquery(),
    )
)


class Standing(NamedTuple):
    """What a database says of its tables: their *revision*, and the *oldest* one whose code works with them."""

    revision: str | None
    oldest: str | None

    @property
    def is_newer(self) -> bool:
        """Whether a newer chatgraph has brought the tables up to its own date."""
        return self.revision is not None and self.revision not in known()

    @property
    def told(self) -> str:
        """How they stand, for people, once they were brought up to date."""
        if self.is_newer:
            return f"made by a newer chatgraph (revision {self.revision}), beside which this one ({newest()}) works"
        return "up to date"

    def require_fit(self) -> None:
        """Raise `ValueError`, for people, where this code can't work with the tables, or bring them up to date."""
        if self.oldest == MOVING:
            raise ValueError(
                "A move into this database has begun and isn't finished: run the same `chatgraph move` again."
            )
        if self.is_newer and self.oldest not in known():
            raise ValueError(
                "The database was written by a newer chatgraph; upgrade chatgraph first."
                f" (Its revision is {self.revision}, which works with chatgraph from revision"
                f" {self.oldest or self.revision} on; this is {newest()}.)"
            )


def standing_of(connection: SyncConnection) -> Standing:
    """Read how a database stands in which there may be no tables yet."""
    revision = MigrationContext.configure(connection).get_current_revision()
    written = inspect(connection).has_table(compatibility.name)
    return Standing(revision, connection.scalar(select(compatibility.c.oldest)) if written else None)


def write_oldest(connection: SyncConnection, oldest: str) -> None:
    """Write which code works with the tables from now on: that of a revision, and every later one."""
    connection.execute(delete(compatibility))
    connection.execute(insert(compatibility).values(oldest=oldest))


async def require_standing(db: Connection) -> None:
    """Raise `Unavailable` where this code doesn't work with the tables as they are now, in one statement."""
    try:
        [row] = await db.fetch(STANDING, {})
    except Exception as error:
        if failure_of(error) is Failure.FAULTY:
            raise Unavailable("The database has no tables of this chatgraph's.") from error
        raise
    standing = Standing(*row)
    try:
        standing.require_fit()
    except ValueError as error:
        raise Unavailable(str(error)) from None
    if not standing.is_newer and standing.revision != newest():
        raise Unavailable(
            "The tables are older than this server; start it again, or run `chatgraph migrate`."
        )
