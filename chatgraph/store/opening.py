"""An address says which database it is."""

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from chatgraph.store.database import Database
from chatgraph.store.sqlite.database import SqliteDatabase


def database_at(url: str, readers: int | None = None, *, alone: bool = True) -> Database:
    """
    Give the database at an address, not yet open.

    *url* is `sqlite+aiosqlite:///FILE` or `postgresql+asyncpg://USER:PASSWORD@HOST/NAME`. Not *alone*, a server may be
    running on the same SQLite file, and every checkpoint is left to it. Raises `ValueError` for any other address.
    """
    address = _read(url)
    if address is not None and address.drivername == "postgresql+asyncpg" and address.database:
        from chatgraph.store.postgres.database import PostgresDatabase

        return PostgresDatabase(address, readers)
    if (
        address is None
        or address.drivername != "sqlite+aiosqlite"
        or address.database in {None, "", ":memory:"}
    ):
        shown = repr(url) if address is None else str(address)
        raise ValueError(
            "The database address must look like sqlite+aiosqlite:///chatgraph.db or"
            f" postgresql+asyncpg://user:password@host/chatgraph; this is {shown}."
        )
    return SqliteDatabase(url, readers, alone=alone)


def _read(url: str) -> URL | None:
    try:
        return make_url(url)
    except ArgumentError:
        return None
