"""A table's rows in the order of its key, a page at a time."""

from collections.abc import AsyncIterator, Callable
from typing import Any

from sqlalchemy import String, Table, bindparam, func, insert, select, tuple_

from chatgraph.store.connections import Connection, Rows
from chatgraph.store.prepared import Prepared
from chatgraph.store.tables import compatibility, metadata

ROWS_A_PAGE = 1000

Key = tuple[Any, ...]
Tell = Callable[[str, int, int], None]  # what is done, to how many rows, and of how many


class Pages:
    """
    The statements that read a table by its key, and write it.

    Databases order text each in their own way. Where a key is text, the table is small: it is one page, sorted here.
    """

    def __init__(self, table: Table) -> None:
        key = list(table.primary_key.columns)
        self.table = table
        self._whole = any(isinstance(column.type, String) for column in key)
        self._key_at = [list(table.c).index(column) for column in key]
        self._names = [f"after_{column.name}" for column in key]
        rows = select(*table.c).order_by(*key)
        given = (bindparam(name, type_=column.type) for name, column in zip(self._names, key, strict=True))
        self._all = Prepared(rows)
        self._first = Prepared(rows.limit(ROWS_A_PAGE))
        self._next = Prepared(rows.where(tuple_(*key) > tuple_(*given)).limit(ROWS_A_PAGE))
        self._last = Prepared(select(*key).order_by(*(column.desc() for column in key)).limit(1))
        self._count = Prepared(select(func.count()).select_from(table))

    async def read(self, db: Connection, after: Key | None = None) -> AsyncIterator[Rows]:
        """Give the rows after a key, or all."""
        while rows := await self._page(db, after):
            yield rows
            after = tuple(rows[-1][at] for at in self._key_at)

    async def write(self, db: Connection, rows: Rows) -> None:
        """Write rows as they were read."""
        names = list(self.table.c.keys())
        await db.execute(insert(self.table), [dict(zip(names, row, strict=True)) for row in rows])

    async def last(self, db: Connection) -> Key | None:
        """Give the key of the last row; None where there is none."""
        rows = await db.fetch(self._last, {})
        return rows[0] if rows else None

    async def count(self, db: Connection) -> int:
        """Give how many rows there are."""
        [(count,)] = await db.fetch(self._count, {})
        return count

    async def _page(self, db: Connection, after: Key | None) -> Rows:
        if self._whole:
            rows = [] if after is not None else await db.fetch(self._all, {})
            return sorted(rows, key=lambda row: [row[at] for at in self._key_at])
        if after is None:
            return await db.fetch(self._first, {})
        return await db.fetch(self._next, dict(zip(self._names, after, strict=True)))


# What is moved, what is referred to first. How a database stands is its own.
EVERYTHING = [Pages(table) for table in metadata.sorted_tables if table is not compatibility]
