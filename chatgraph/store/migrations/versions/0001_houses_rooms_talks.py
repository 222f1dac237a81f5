"""Users and sessions, houses and members, rooms, talks, the journal; and the one public house of a new server."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Time = sa.DateTime(timezone=True)


def identity() -> sa.Column:
    return sa.Column("id", Id, primary_key=True, autoincrement=True)


def reference(name: str, table: str) -> sa.Column:
    return sa.Column(name, Id, sa.ForeignKey(f"{table}.id"), nullable=False)


def counter(name: str) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), server_default=sa.text("0"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "users",
        identity(),
        sa.Column("username", sa.String(64), nullable=False),
        sa.Column("skeleton", sa.String(255), nullable=False),
        sa.Column("display_name", sa.String(100), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=False),
        sa.Column("create_time", Time, nullable=False),
        sa.UniqueConstraint("username"),
        sa.UniqueConstraint("skeleton"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "sessions",
        identity(),
        reference("user_id", "users"),
        sa.Column("agent", sa.String(255), nullable=False),
        sa.Column("create_time", Time, nullable=False),
        sa.Column("use_time", Time, nullable=False),
        sa.Column("expire_time", Time, nullable=False),
        sa.Column("end_time", Time),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])
    op.create_index("ix_sessions_expire_time", "sessions", ["expire_time"])
    op.create_table(
        "refresh_tokens",
        sa.Column("digest", sa.LargeBinary(32), primary_key=True),
        reference("session_id", "sessions"),
        sa.Column("use_time", Time),
    )
    op.create_index("ix_refresh_tokens_session_id", "refresh_tokens", ["session_id"])
    houses = op.create_table(
        "houses",
        identity(),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("description", sa.String(1024), nullable=False),
        sa.Column("visibility", sa.String(16), nullable=False),
        sa.Column("create_time", Time, nullable=False),
        sa.Column("delete_time", Time),
        counter("member_count"),
        counter("journal_seq"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "members",
        identity(),
        reference("house_id", "houses"),
        reference("user_id", "users"),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("join_time", Time, nullable=False),
        sa.UniqueConstraint("house_id", "user_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_members_house_id_id", "members", ["house_id", "id"])
    op.create_index("ix_members_user_id", "members", ["user_id"])
    owner = sa.text("rank = 100")
    op.create_index(
        "uq_members_owner", "members", ["house_id"], unique=True, sqlite_where=owner, postgresql_where=owner
    )
    op.create_table(
        "rooms",
        identity(),
        reference("house_id", "houses"),
        sa.Column("title", sa.String(100), nullable=False),
        sa.Column("topic", sa.String(1024), nullable=False),
        reference("creator_id", "users"),
        sa.Column("create_time", Time, nullable=False),
        sa.Column("archive_time", Time),
        sa.Column("delete_time", Time),
        counter("last_seq"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_rooms_house_id_id", "rooms", ["house_id", "id"])
    op.create_table(
        "talks",
        identity(),
        reference("room_id", "rooms"),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.Text()),
        reference("creator_id", "users"),
        sa.Column("create_time", Time, nullable=False),
        sa.Column("edit_time", Time),
        sa.Column("remove_time", Time),
        sa.Column("client_key", sa.String(64)),
        sa.UniqueConstraint("room_id", "seq"),
        sa.UniqueConstraint("room_id", "creator_id", "client_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "journal",
        sa.Column("house_id", Id, sa.ForeignKey("houses.id"), primary_key=True),
        sa.Column("seq", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("room_id", Id),
        sa.Column("kind", sa.Integer(), nullable=False),
        sa.Column("subject_id", Id, nullable=False),
        sa.Column("actor_id", Id),
        sa.Column("time", Time, nullable=False),
    )
    gone = sa.text("delete_time IS NOT NULL")
    for table in ("houses", "rooms"):
        op.create_index(f"ix_{table}_deleted", table, ["id"], sqlite_where=gone, postgresql_where=gone)
    lobby = {"name": "Lobby", "description": "Everybody's house: the first talk makes you a member."}
    op.bulk_insert(houses, [{**lobby, "visibility": "public", "create_time": datetime.now(UTC)}])
