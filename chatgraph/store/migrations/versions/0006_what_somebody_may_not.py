"""Where somebody is banned or muted is found by who they are, as their memberships are."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None
oldest = "0005"


def upgrade() -> None:
    op.create_index("ix_bans_user_id", "bans", ["user_id"])
    op.create_index("ix_mutes_user_id", "mutes", ["user_id"])
