"""Users, their sessions, and the tokens that keep these going."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, Index, false
from sqlmodel import Field

from chatgraph.store.tables.columns import Kept, counter, identity, reference


class Users(Kept, table=True):
    """*skeleton* is what look-alikes of a name have in common (UTS #39)."""

    __table_args__ = ({"sqlite_autoincrement": True},)
    id: int | None = identity()
    username: str = Field(unique=True, max_length=64)
    skeleton: str = Field(unique=True, max_length=255)
    display_name: str = Field(max_length=100)
    password_hash: str = Field(max_length=255)
    create_time: datetime
    deactivate_time: datetime | None = None
    hides_presence: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


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


class SignOuts(Kept, table=True):
    """That sessions of a user ended; *seq* counts without holes, for servers that follow it. Kept for a day."""

    __table_args__ = (Index("ix_sign_outs_time", "time"),)
    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    user_id: int = reference("users.id")
    time: datetime


class Counters(Kept, table=True):
    """Numbers that only grow, each raised under its row's lock: commit order is their order."""

    name: str = Field(primary_key=True, max_length=32)
    value: int = counter()


class RefreshTokens(Kept, table=True):
    """*digest* is the SHA-256 of the token; *use_time* is set when it was exchanged for its successor."""

    digest: bytes = Field(primary_key=True, max_length=32)
    session_id: int = reference("sessions.id", index=True)
    use_time: datetime | None = None
