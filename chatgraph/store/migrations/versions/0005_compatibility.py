"""Which chatgraph works with the tables: the one whose newest revision is written down here, and every later one."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None
oldest = "0005"


def upgrade() -> None:
    op.create_table("compatibility", sa.Column("oldest", sa.String(32), primary_key=True))
