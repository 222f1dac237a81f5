"""
The tables, as SQLModel writes them; queries are SQLAlchemy Core over `table(...)`.

No relationships and no lazy loading: joins are written out where they are wanted. Ids are never used twice, and
what was deleted keeps its row until `store.cleanup` takes it away, so an old id can't come to mean something new.
"""

import re
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import declared_attr
from sqlmodel import Field, SQLModel

Id = BigInteger().with_variant(Integer, "sqlite")

metadata: MetaData = SQLModel.metadata
metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def identity() -> Any:
    """Make the id column: handed out by the database, growing, never used twice."""
    return Field(default=None, sa_column=Column(Id, primary_key=True, autoincrement=True))


def reference(column: str, **options: Any) -> Any:
    """Make a column that names a row of another table."""
    return Field(sa_column=Column(Id, ForeignKey(column), nullable=False, **options))


def counter() -> Any:
    """Make a number that only grows."""
    return Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default=text("0")))


def deleted(table: str) -> Index:
    """Make the index that finds what was deleted, for the few rows that were."""
    gone = text("delete_time IS NOT NULL")
    return Index(f"ix_{table}_deleted", "id", sqlite_where=gone, postgresql_where=gone)


class Kept(SQLModel):
    """A table is called like its class: `RefreshTokens` is `refresh_tokens`."""

    @declared_attr  # type: ignore[arg-type]
    def __tablename__(cls) -> str:  # noqa: N805  # pyright: ignore[reportIncompatibleVariableOverride]
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


class Users(Kept, table=True):
    """*skeleton* is what look-alikes of a name have in common (UTS #39)."""

    __table_args__ = ({"sqlite_autoincrement": True},)
    id: int | None = identity()
    username: str = Field(unique=True, max_length=64)
    skeleton: str = Field(unique=True, max_length=255)
    display_name: str = Field(max_length=100)
    password_hash: str = Field(max_length=255)
    create_time: datetime


class Sessions(Kept, table=True):
    """*expire_time* moves on with each use; a session that ended keeps its row until then."""

    __table_args__ = ({"sqlite_autoincrement": True},)
    id: int | None = identity()
    user_id: int = reference("users.id", index=True)
    agent: str = Field(max_length=255)
    create_time: datetime
    use_time: datetime
    expire_time: datetime = Field(index=True)
    end_time: datetime | None = None


class RefreshTokens(Kept, table=True):
    """*digest* is the SHA-256 of the token; *use_time* is set when it was exchanged for its successor."""

    digest: bytes = Field(primary_key=True, max_length=32)
    session_id: int = reference("sessions.id", index=True)
    use_time: datetime | None = None


class Houses(Kept, table=True):
    """*journal_seq* is raised under this row's lock by every write in the house: commit order is journal order."""

    __table_args__ = (deleted("houses"), {"sqlite_autoincrement": True})
    id: int | None = identity()
    name: str = Field(max_length=100)
    description: str = Field(max_length=1024)
    visibility: str = Field(max_length=16)
    create_time: datetime
    delete_time: datetime | None = None
    member_count: int = counter()
    journal_seq: int = counter()


class Members(Kept, table=True):
    """Who belongs to a house. At most one of them is the owner."""

    __table_args__ = (
        UniqueConstraint("house_id", "user_id"),
        Index("ix_members_house_id_id", "house_id", "id"),
        Index(
            "uq_members_owner", "house_id", unique=True,
            sqlite_where=text("rank = 100"), postgresql_where=text("rank = 100"),
        ),
        {"sqlite_autoincrement": True},
    )  # fmt: skip
    id: int | None = identity()
    house_id: int = reference("houses.id")
    user_id: int = reference("users.id", index=True)
    rank: int
    join_time: datetime


class Rooms(Kept, table=True):
    """*last_seq* is raised under this row's lock by every talk: commit order is seq order."""

    __table_args__ = (
        Index("ix_rooms_house_id_id", "house_id", "id"),
        deleted("rooms"),
        {"sqlite_autoincrement": True},
    )
    id: int | None = identity()
    house_id: int = reference("houses.id")
    title: str = Field(max_length=100)
    topic: str = Field(max_length=1024)
    creator_id: int = reference("users.id")
    create_time: datetime
    archive_time: datetime | None = None
    delete_time: datetime | None = None
    last_seq: int = counter()


class Talks(Kept, table=True):
    """A removed talk stays as a tombstone: its seq and times, without its content."""

    __table_args__ = (
        UniqueConstraint("room_id", "seq"),
        UniqueConstraint("room_id", "creator_id", "client_key"),
        {"sqlite_autoincrement": True},
    )
    id: int | None = identity()
    room_id: int = reference("rooms.id")
    seq: int = Field(sa_column=Column(BigInteger, nullable=False))
    content: str | None = Field(sa_column=Column(Text))
    creator_id: int = reference("users.id")
    create_time: datetime
    edit_time: datetime | None = None
    remove_time: datetime | None = None
    client_key: str | None = Field(default=None, max_length=64)


class Journal(Kept, table=True):
    """What happened in a house, in the order in which it was committed; without an actor it was the operator."""

    house_id: int = reference("houses.id", primary_key=True)
    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    room_id: int | None = Field(default=None, sa_column=Column(Id))
    kind: int
    subject_id: int = Field(sa_column=Column(Id, nullable=False))
    actor_id: int | None = Field(default=None, sa_column=Column(Id))
    time: datetime


def table(model: type[SQLModel]) -> Table:
    """Give the Core table of a SQLModel class."""
    return cast("Table", model.__table__)  # type: ignore[attr-defined]


users = table(Users)
sessions = table(Sessions)
refresh_tokens = table(RefreshTokens)
houses = table(Houses)
members = table(Members)
rooms = table(Rooms)
talks = table(Talks)
journal = table(Journal)
