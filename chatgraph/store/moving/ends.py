"""Ends: the two databases of a move, each in the hands of nobody else meanwhile."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from chatgraph.store.connections import TransactionalConnection
from chatgraph.store.tables import metadata

# The tables that hand out ids.
NUMBERED = [table.name for table in metadata.sorted_tables if table.autoincrement_column is not None]


class End(ABC):
    """
    A database that is moved out of, or into, and the connection to it.

    Out of it, one transaction reads for as long as it is held, and nobody writes. *holds* is what a transaction takes in
    which the tables are brought up to date.
    """

    holds: Sequence[Any] = ()

    def __init__(self, name: str, db: TransactionalConnection) -> None:
        self.name, self.db = name, db

    @abstractmethod
    async def last_ids(self) -> dict[str, int]:
        """Give the id that each table handed out last, 0 for none: what had it may be gone."""

    @abstractmethod
    async def go_on_after(self, ids: Mapping[str, int]) -> None:
        """Have each table hand out the ids after these, within a transaction that writes."""

    @abstractmethod
    async def finish(self) -> None:
        """Do what a database wants once so much was written."""
