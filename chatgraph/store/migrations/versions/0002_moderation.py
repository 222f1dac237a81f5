"""Bans, mutes, invites, join requests, the audit log; rooms that are locked, and users who are deactivated."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Time = sa.DateTime(timezone=True)


def identity() -> sa.Column:
    return sa.Column("id", Id, primary_key=True, autoincrement=True)


def reference(name: str, table: str, **options: bool) -> sa.Column:
    return sa.Column(name, Id, sa.ForeignKey(f"{table}.id"), nullable=False, **options)


def upgrade() -> None:
    op.add_column("users", sa.Column("deactivate_time", Time))
    op.add_column("rooms", sa.Column("lock_time", Time))
    op.add_column(
        "houses", sa.Column("accepts_join_requests", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.create_table(
        "bans",
        identity(),
        reference("house_id", "houses"),
        reference("user_id", "users"),
        reference("creator_id", "users"),
        sa.Column("reason", sa.String(512), nullable=False),
        sa.Column("create_time", Time, nullable=False),
        sa.Column("end_time", Time),
        sa.UniqueConstraint("house_id", "user_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "mutes",
        reference("house_id", "houses", primary_key=True),
        reference("user_id", "users", primary_key=True),
        sa.Column("end_time", Time, nullable=False),
    )
    op.create_table(
        "invites",
        identity(),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        reference("house_id", "houses"),
        reference("creator_id", "users"),
        sa.Column("create_time", Time, nullable=False),
        sa.Column("expire_time", Time, nullable=False),
        sa.Column("most_uses", sa.Integer()),
        sa.Column("uses", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("revoke_time", Time),
        sa.UniqueConstraint("digest"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_invites_creator_id", "invites", ["creator_id"])
    op.create_table(
        "join_requests",
        identity(),
        reference("house_id", "houses"),
        reference("user_id", "users"),
        sa.Column("message", sa.String(512), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("create_time", Time, nullable=False),
        sa.Column("decide_time", Time),
        sa.UniqueConstraint("house_id", "user_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_join_requests_user_id", "join_requests", ["user_id"])
    op.create_table(
        "audit_entries",
        identity(),
        sa.Column("house_id", Id, sa.ForeignKey("houses.id")),
        sa.Column("act", sa.Integer(), nullable=False),
        sa.Column("actor_id", Id),
        sa.Column("subject_id", Id, nullable=False),
        sa.Column("detail", sa.String(1024), nullable=False),
        sa.Column("reason", sa.String(512), nullable=False),
        sa.Column("time", Time, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_entries_actor_id_id", "audit_entries", ["actor_id", "id"])
    for table in ("bans", "invites", "join_requests", "audit_entries"):
        op.create_index(f"ix_{table}_house_id_id", table, ["house_id", "id"])
