"""Rows become nouns: which columns a noun is made of, and which columns a list is ordered and asked by."""

from typing import Any, NamedTuple

from sqlalchemy import BindParameter, ColumnElement, FromClause, Row, Select, bindparam

from chatgraph.store.connections import Connection as Connection
from chatgraph.store.prepared import Prepared as Prepared
from chatgraph.store.tables import Id

AnyRow = Row[*tuple[Any, ...]]
AnySelect = Select[*tuple[Any, ...]]


def columns(
    noun: type[NamedTuple], table: FromClause, *others: ColumnElement[Any]
) -> list[ColumnElement[Any]]:
    """Give the columns that fill *noun*'s fields in their order: from *table* by name, *others* for its last fields."""
    named = noun._fields[: len(noun._fields) - len(others)]
    return [*(table.c[name] for name in named), *others]


def among(name: str) -> BindParameter[Any]:
    """Stand for a list of ids in a statement that is prepared."""
    return bindparam(name, expanding=True, type_=Id)


def one(name: str) -> BindParameter[Any]:
    """Stand for an id or a seq in a statement that is prepared."""
    return bindparam(name, type_=Id)
