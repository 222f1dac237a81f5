"""Prepared statements: written by SQLAlchemy once for each database, run many times without it."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import Select, UpdateBase

Process = Callable[[Any], Any]
Spelling = TypeVar("Spelling")


class Prepared:
    """
    A statement that stays the same, apart from the values of its `bindparam`s.

    One that is *expanding* takes a list. An INSERT whose values aren't written out names the *columns* that it fills.
    """

    def __init__(self, statement: Select[*tuple[Any, ...]] | UpdateBase, columns: Sequence[str] = ()) -> None:
        self.statement = statement
        self.columns = list(columns) or None
        self.writes = isinstance(statement, UpdateBase)
        self._spelled: dict[Callable[[Prepared], Any], Any] = {}

    def spelled(self, spell: Callable[["Prepared"], Spelling]) -> Spelling:
        """Give the statement as a database takes it, spelled when it is first asked for."""
        if (spelling := self._spelled.get(spell)) is None:
            spelling = self._spelled[spell] = spell(self)
        return spelling

    @property
    def read_types(self) -> list[Any]:
        """The types of the columns that it gives."""
        described = getattr(self.statement, "column_descriptions", None)
        if described is None:
            described = getattr(self.statement, "returning_column_descriptions", ())
        return [column["type"] for column in described]


def row_reader(processes: Sequence[Process | None]) -> Callable[[list[Any]], list[Any]] | None:
    """Write the function that reads rows whose columns are processed so; None if all stay as they are."""
    if not any(processes):
        return None
    names = [f"column{at}" for at in range(len(processes))]
    given = {f"read{at}": process for at, process in enumerate(processes)}
    values = [
        name if process is None else f"None if {name} is None else read{at}({name})"
        for at, (name, process) in enumerate(zip(names, processes, strict=True))
    ]
    source = f"lambda rows: [({', '.join(values)},) for {', '.join(names)}, in rows]"
    return eval(source, given)  # noqa: S307 -- holds nothing but numbers
