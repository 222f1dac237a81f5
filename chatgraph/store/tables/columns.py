"""What all tables have in common: how they are called, and their ids, references and counters."""

import re
from typing import Any, cast

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, MetaData, Table, text
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


def table(model: type[SQLModel]) -> Table:
    """Give the Core table of a SQLModel class."""
    return cast("Table", model.__table__)  # type: ignore[attr-defined]
