"""What finds the oldest rows of the journals, which are taken away in time; users who don't show that they are there."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_journal_time", "journal", ["time"])
    op.add_column(
        "users", sa.Column("hides_presence", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
