"""What Alembic runs: the revisions, on the connection and in the transaction that it was handed."""

from typing import Any

from alembic import context

from chatgraph.store.migrations.standing import write_oldest
from chatgraph.store.tables import metadata


def note(ctx: Any, step: Any, heads: Any, run_args: Any) -> None:
    """Write down after each revision which code works with the tables from now on."""
    oldest = getattr(step.up_revision.module, "oldest", None)
    if oldest is not None:
        write_oldest(ctx.connection, oldest)


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    on_version_apply=note,
)
context.run_migrations()
