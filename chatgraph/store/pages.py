"""Pages: how a window is cut out of a list that is ordered by a unique key (keyset, never by offset)."""

import operator
from bisect import bisect
from collections.abc import Callable, Collection, Mapping
from functools import cache
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import Column, bindparam, literal, select, union_all

from chatgraph.models import Page, Window
from chatgraph.store.rows import AnySelect, Connection, Prepared, one
from chatgraph.store.tables import Id

Noun = TypeVar("Noun")

# SQLite takes at most 500 SELECTs in one statement.
MOST_TOGETHER = 100
# How many of a list's keys on either side of a page's edges are looked at.
MOST_NEAR = 1000


def near(keys: Collection[int], window: Window) -> list[int]:
    """Give those of a list's keys, of which there may be tens of thousands, that a window's page can be cut of."""
    every = sorted(keys)
    edges = {0, len(every)} | {
        bisect(every, edge) for edge in (window.after, window.before) if edge is not None
    }
    return sorted({key for at in edges for key in every[max(0, at - MOST_NEAR) : at + MOST_NEAR]})


class Shape(NamedTuple):
    """What a window asks for, its values aside."""

    after: bool
    before: bool
    backwards: bool


class Listing(Generic[Noun]):
    """
    A list that is kept: *whole* selects all of it, *key* is the unique column by which it is ordered.

    Where each of several parents has one such list, *whole* is given the parent's id. One that *counts* has the keys
    1, 2, 3… without holes: so nobody has to look whether something precedes an item.
    """

    def __init__(
        self,
        whole: Callable[[Any], AnySelect],
        key: Column[Any],
        make: Callable[[Any], Noun],
        *,
        newest_first: bool = False,
        counts: bool = False,
    ) -> None:
        self._whole, self._key, self.make = whole, key, make
        self._place = operator.attrgetter(key.name) if counts else None
        statement = whole(one("parent"))
        self._newest_first = newest_first
        self._follows, self._precedes = operator.gt, operator.lt
        if newest_first:
            self._follows, self._precedes = operator.lt, operator.gt
        # Each shape of a window is a statement of its own, prepared when it is first asked for.
        self._cut = cache(lambda shape: Prepared(self._bounded(statement, shape)))
        self._any_until = cache(lambda: Prepared(self._beyond(statement, ~self._follows(key, one("edge")))))
        self._any_from = cache(lambda: Prepared(self._beyond(statement, ~self._precedes(key, one("edge")))))

    async def page(self, db: Connection, window: Window, values: Mapping[str, Any]) -> Page[Noun]:
        """
        Cut one page out of the list of which *values* say the rest.

        For each cursor that was given, one more statement tells whether the list goes on behind it.
        """
        rows = await db.fetch(self._cut(_shape(window)), {**values, **_bounds(window)})
        return await self._page(db, window, rows, values)

    async def pages(
        self, db: Connection, parents: Collection[int], window: Window, values: Mapping[str, Any] = {}
    ) -> dict[int, Page[Noun]]:
        """Cut the same window out of the lists of several parents, in one statement."""
        if len(parents) == 1:
            [parent] = parents
            return {parent: await self.page(db, window, {**values, "parent": parent})}
        rows: dict[int, list[Any]] = {parent: [] for parent in parents}
        names = list(rows)
        for start in range(0, len(names), MOST_TOGETHER):
            parts = []
            for parent in names[start : start + MOST_TOGETHER]:
                part = self._bounded(self._whole(parent), _shape(window)).subquery()
                parts.append(select(literal(parent, Id), *part.c))
            for row in await db.execute(union_all(*parts), {**values, **_bounds(window)}):
                rows[row[0]].append(tuple(row)[1:])
        return {
            parent: await self._page(db, window, rows[parent], {**values, "parent": parent})
            for parent in names
        }

    async def _page(
        self, db: Connection, window: Window, rows: list[Any], values: Mapping[str, Any]
    ) -> Page[Noun]:
        more, found = len(rows) > window.size, rows[: window.size]
        items = list(map(self.make, reversed(found) if window.backwards else found))
        has_previous, has_next = more and window.backwards, more and not window.backwards
        if not has_previous and window.after is not None:
            if items and self._place is not None:
                has_previous = self._place(items[0]) > 1
            else:
                has_previous = bool(await db.fetch(self._any_until(), {**values, "edge": window.after}))
        if not has_next and window.before is not None:
            has_next = bool(await db.fetch(self._any_from(), {**values, "edge": window.before}))
        return Page(items, has_previous, has_next)

    def _bounded(self, statement: AnySelect, shape: Shape) -> AnySelect:
        if shape.after:
            statement = statement.where(self._follows(self._key, one("after")))
        if shape.before:
            statement = statement.where(self._precedes(self._key, one("before")))
        order = self._key.desc() if self._newest_first != shape.backwards else self._key.asc()
        return statement.order_by(order).limit(bindparam("most"))

    def _beyond(self, statement: AnySelect, bound: Any) -> AnySelect:
        return statement.with_only_columns(self._key).where(bound).limit(1)


def _shape(window: Window) -> Shape:
    return Shape(window.after is not None, window.before is not None, window.backwards)


def _bounds(window: Window) -> dict[str, int | None]:
    return {"after": window.after, "before": window.before, "most": window.size + 1}
