"""An address says which database it is."""

import re
from inspect import signature

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from chatgraph.store.database import Database
from chatgraph.store.sqlite.database import SqliteDatabase

PASSWORD = re.compile(r"(://[^:/]*:).*@")


def database_at(url: str, readers: int | None = None, *, alone: bool = True) -> Database:
    """
    Give the database at an address, not yet open.

    *url* is `sqlite+aiosqlite:///FILE` or `postgresql+asyncpg://USER:PASSWORD@HOST/NAME`. Not *alone*, a server may be
    running on the same SQLite file, and every checkpoint is left to it. Raises `ValueError` for any other address.
    """
    address = _read(url)
    if address is not None and address.drivername == "postgresql+asyncpg" and address.database:
        from chatgraph.store.postgres.database import PostgresDatabase

        _require_known(address)
        try:
            return PostgresDatabase(address, readers)
        except (ArgumentError, ValueError) as error:
            raise ValueError(f"The database address can't be read: {error}.") from error
    if (
        address is None
        or address.drivername != "sqlite+aiosqlite"
        or address.database in {None, "", ":memory:"}
    ):
        shown = repr(PASSWORD.sub(r"\1***@", url)) if address is None else str(address)
        raise ValueError(
            "The database address must look like sqlite+aiosqlite:///chatgraph.db or"
            f" postgresql+asyncpg://user:password@host/chatgraph; this is {shown}."
        )
    return SqliteDatabase(url, readers, alone=alone)


def _read(url: str) -> URL | None:
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):  # the latter for a port that is no number
        return None
    return address if address.port is None or 0 < address.port < 2**16 else None


def _require_known(address: URL) -> None:
    """Refuse what the driver would raise a `TypeError` for once it connects."""
    import asyncpg

    for name in address.query:
        if name not in signature(asyncpg.connect).parameters and not name.startswith("prepared_statement_"):
            hint = "; it is called ssl here" if name == "sslmode" else ""
            raise ValueError(f"The database address asks for {name}, which the driver doesn't know{hint}.")
