"""What keeps a house in order: bans, mutes, invites, join requests, and who did what by their rank."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, UniqueConstraint
from sqlmodel import Field

from chatgraph.store.tables.columns import Id, Kept, counter, identity, reference


class Bans(Kept, table=True):
    """Who may not come in, a member or not; without an *end_time*, for ever. It outlives leaving."""

    __table_args__ = (
        UniqueConstraint("house_id", "user_id"),
        Index("ix_bans_house_id_id", "house_id", "id"),
        {"sqlite_autoincrement": True},
    )
    id: int | None = identity()
    house_id: int = reference("houses.id")
    user_id: int = reference("users.id", index=True)
    creator_id: int = reference("users.id")
    reason: str = Field(max_length=512)
    create_time: datetime
    end_time: datetime | None = None


class Mutes(Kept, table=True):
    """Who may not speak until *end_time*. It is not part of the membership, so that leaving doesn't end it."""

    house_id: int = reference("houses.id", primary_key=True)
    user_id: int = reference("users.id", primary_key=True, index=True)
    end_time: datetime


class Invites(Kept, table=True):
    """*digest* is the SHA-256 of the code, which is never kept; null in *most_uses* is as often as one likes."""

    __table_args__ = (Index("ix_invites_house_id_id", "house_id", "id"), {"sqlite_autoincrement": True})
    id: int | None = identity()
    digest: bytes = Field(unique=True, max_length=32)
    house_id: int = reference("houses.id")
    creator_id: int = reference("users.id", index=True)
    create_time: datetime
    expire_time: datetime
    most_uses: int | None = None
    uses: int = counter()
    revoke_time: datetime | None = None


class JoinRequests(Kept, table=True):
    """Who asked to be let into a private house; asking again after a refusal takes the place of the first."""

    __table_args__ = (
        UniqueConstraint("house_id", "user_id"),
        Index("ix_join_requests_house_id_id", "house_id", "id"),
        {"sqlite_autoincrement": True},
    )
    id: int | None = identity()
    house_id: int = reference("houses.id")
    user_id: int = reference("users.id", index=True)
    message: str = Field(max_length=512)
    state: str = Field(max_length=16)
    create_time: datetime
    decide_time: datetime | None = None


class AuditEntries(Kept, table=True):
    """Who did what to whom by their rank. Without an actor it was the operator, without a house the whole site."""

    __table_args__ = (
        Index("ix_audit_entries_house_id_id", "house_id", "id"),
        Index("ix_audit_entries_actor_id_id", "actor_id", "id"),
        {"sqlite_autoincrement": True},
    )
    id: int | None = identity()
    house_id: int | None = Field(default=None, sa_column=Column(Id, ForeignKey("houses.id")))
    act: int
    actor_id: int | None = Field(default=None, sa_column=Column(Id))
    subject_id: int = Field(sa_column=Column(Id, nullable=False))
    detail: str = Field(max_length=1024)
    reason: str = Field(max_length=512)
    time: datetime
