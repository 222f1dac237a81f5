"""Rows become nouns: which columns a noun is made of, and how a keyset page of them is cut."""

import operator
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Column, ColumnElement, FromClause, Row, Select, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from chatgraph.models import Page, Window

Connection = AsyncConnection
AnyRow = Row[*tuple[Any, ...]]
AnySelect = Select[*tuple[Any, ...]]
Noun = TypeVar("Noun")

# SQLite takes at most 500 SELECTs in one statement.
MOST_TOGETHER = 100


def columns(
    noun: type[NamedTuple], table: FromClause, *others: ColumnElement[Any]
) -> list[ColumnElement[Any]]:
    """Give the columns that fill *noun*'s fields in their order: from *table* by name, *others* for its last fields."""
    named = noun._fields[: len(noun._fields) - len(others)]
    return [*(table.c[name] for name in named), *others]


async def fetch_pages(
    db: Connection,
    statements: Mapping[int, AnySelect],
    key: Column[Any],
    window: Window,
    make: Callable[[AnyRow], Noun],
    *,
    newest_first: bool = False,
) -> dict[int, Page[Noun]]:
    """
    Cut the same window out of several lists, each ordered by the unique column *key*, in one statement.

    For each cursor that was given, one more statement a list tells whether the list goes on behind it.
    """
    follows, precedes = (operator.lt, operator.gt) if newest_first else (operator.gt, operator.lt)
    order = key.desc() if newest_first != window.backwards else key.asc()

    def bounded(statement: AnySelect) -> AnySelect:
        if window.after is not None:
            statement = statement.where(follows(key, window.after))
        if window.before is not None:
            statement = statement.where(precedes(key, window.before))
        return statement.order_by(order).limit(window.size + 1)

    rows = await _rows_of_each(db, {name: bounded(statement) for name, statement in statements.items()})
    pages = {}
    for name, statement in statements.items():
        more, found = len(rows[name]) > window.size, rows[name][: window.size]
        has_previous, has_next = more and window.backwards, more and not window.backwards
        if not has_previous and window.after is not None:
            has_previous = await _any(db, statement.where(~follows(key, window.after)), key)
        if not has_next and window.before is not None:
            has_next = await _any(db, statement.where(~precedes(key, window.before)), key)
        items = [make(row) for row in (reversed(found) if window.backwards else found)]
        pages[name] = Page(items, has_previous, has_next)
    return pages


async def fetch_page(
    db: Connection,
    statement: AnySelect,
    key: Column[Any],
    window: Window,
    make: Callable[[AnyRow], Noun],
    *,
    newest_first: bool = False,
) -> Page[Noun]:
    """Cut one page out of one list, as `fetch_pages` does."""
    return (await fetch_pages(db, {0: statement}, key, window, make, newest_first=newest_first))[0]


async def _rows_of_each(db: Connection, statements: Mapping[int, AnySelect]) -> dict[int, list[Any]]:
    """Run several statements of one shape as one, at most `MOST_TOGETHER` at a time."""
    if len(statements) == 1:
        [(name, statement)] = statements.items()
        return {name: list((await db.execute(statement)).all())}
    rows: dict[int, list[Any]] = {name: [] for name in statements}
    names = list(statements)
    for start in range(0, len(names), MOST_TOGETHER):
        parts = []
        for name in names[start : start + MOST_TOGETHER]:
            part = statements[name].subquery()
            parts.append(select(literal(name), *part.c))
        for row in await db.execute(union_all(*parts)):
            name, *found = tuple[Any, ...](row)
            rows[name].append(found)
    return rows


async def _any(db: Connection, statement: AnySelect, key: Column[Any]) -> bool:
    return (await db.execute(statement.with_only_columns(key).limit(1))).first() is not None
