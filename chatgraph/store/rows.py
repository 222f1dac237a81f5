"""Rows become nouns: which columns a noun is made of, and which columns a list is ordered and asked by."""

from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import BindParameter, ColumnElement, FromClause, Row, Select, bindparam

from chatgraph.store.connections import Connection as Connection
from chatgraph.store.prepared import Prepared as Prepared
from chatgraph.store.tables import Id

Noun = TypeVar("Noun", bound=tuple[Any, ...])

AnyRow = Row[*tuple[Any, ...]]
AnySelect = Select[*tuple[Any, ...]]


def columns(
    noun: type[NamedTuple], table: FromClause, *others: ColumnElement[Any]
) -> list[ColumnElement[Any]]:
    """Give the columns that fill *noun*'s fields in their order: from *table* by name, *others* for its last fields."""
    named = noun._fields[: len(noun._fields) - len(others)]
    return [*(table.c[name] for name in named), *others]


def made_into(noun: type[Noun]) -> Callable[[tuple[Any, ...]], Noun]:
    """Give what makes a noun of a row that has just its fields: its `_make`, without a look at how many there are."""
    return partial(tuple.__new__, noun)  # type: ignore[return-value]


def among(name: str) -> BindParameter[Any]:
    """Stand for a list of ids in a statement that is prepared."""
    return bindparam(name, expanding=True, type_=Id)


def one(name: str) -> BindParameter[Any]:
    """Stand for an id or a seq in a statement that is prepared."""
    return bindparam(name, type_=Id)


def in_parts(ids: Collection[int], most: int = 1000) -> Iterator[list[int]]:
    """Give ids of which there may be tens of thousands, as many at a time as one statement takes."""
    every = list(ids)
    for start in range(0, len(every), most):
        yield every[start : start + most]
