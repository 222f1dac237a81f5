"""What Alembic runs: the revisions, on the connection and in the transaction that it was handed."""

from alembic import context

from chatgraph.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True
)
context.run_migrations()
