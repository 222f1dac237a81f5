"""What the store asks of a connection, whichever database it leads to."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Executable
from sqlalchemy.engine import CursorResult

from chatgraph.store.prepared import Prepared

Values = Mapping[str, Any]
Rows = list[tuple[Any, ...]]


class Connection(ABC):
    """What a transaction is read and written through; whoever has it does one thing at a time."""

    @abstractmethod
    async def fetch(self, statement: Prepared, values: Values) -> Rows:
        """Run a prepared statement and give all its rows."""

    @abstractmethod
    async def execute(self, statement: Executable, values: Any = None) -> CursorResult[*tuple[Any, ...]]:
        """Run any statement."""


class TransactionalConnection(Connection):
    """
    One connection, in one transaction at a time, that is begun and ended here.

    Once it isn't *usable*, what it does or is unknown: then it can only be closed. *changes* counts what was written
    on it, ever.
    """

    usable: bool
    changes: int

    async def fetch_each(self, statement: Prepared, each: Sequence[Values]) -> list[Rows]:
        """Run a prepared statement with one set of values after the other, and give the rows of each."""
        return [await self.fetch(statement, values) for values in each]

    @abstractmethod
    async def run_sync(self, work: Any) -> Any:
        """Call what works with a connection of SQLAlchemy's that waits, as migrations do."""

    @abstractmethod
    def begin(self) -> None:
        """Begin to read; the snapshot is taken with the first row that is read."""

    @abstractmethod
    async def begin_writing(self, holds: Sequence[Any] = ()) -> None:
        """Begin to write, once nobody else does who would be in the way of what is held."""

    @abstractmethod
    async def save(self) -> None:
        """Set the point to which `undo` goes back."""

    @abstractmethod
    async def keep(self) -> None:
        """Keep what was changed since `save`, as far as the transaction is kept."""

    @abstractmethod
    async def undo(self) -> None:
        """Undo what was changed since `save`."""

    @abstractmethod
    async def commit(self) -> None:
        """Make what was changed durable."""

    @abstractmethod
    def end(self) -> None:
        """End the transaction, keeping nothing."""

    @abstractmethod
    async def close(self) -> None:
        """Let go of the database, breaking off what may still run."""
