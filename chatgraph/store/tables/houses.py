"""Houses with all that happens in them: members, rooms, talks, and the journal that tells it."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, Index, Text, UniqueConstraint, false, text
from sqlmodel import Field

from chatgraph.store.tables.columns import Id, Kept, counter, deleted, identity, reference


class Houses(Kept, table=True):
    """*journal_seq* is raised under this row's lock by every write in the house: commit order is journal order."""

    __table_args__ = (deleted("houses"), {"sqlite_autoincrement": True})
    id: int | None = identity()
    name: str = Field(max_length=100)
    description: str = Field(max_length=1024)
    visibility: str = Field(max_length=16)
    create_time: datetime
    delete_time: datetime | None = None
    accepts_join_requests: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
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
    lock_time: datetime | None = None
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

    __table_args__ = (Index("ix_journal_time", "time"),)
    house_id: int = reference("houses.id", primary_key=True)
    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    room_id: int | None = Field(default=None, sa_column=Column(Id))
    kind: int
    subject_id: int = Field(sa_column=Column(Id, nullable=False))
    actor_id: int | None = Field(default=None, sa_column=Column(Id))
    time: datetime
