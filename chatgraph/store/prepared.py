"""Prepared statements: written by SQLAlchemy once, run many times without it."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, UpdateBase
from sqlalchemy.dialects.sqlite.aiosqlite import dialect
from sqlmodel.sql.sqltypes import UTCDateTime

SQLITE = dialect()
_LIST = re.compile(r"__\[POSTCOMPILE_(\w+)\]")
_EMPTY = "SELECT NULL WHERE 0"

Process = Callable[[Any], Any]


class Prepared:
    """
    A statement that stays the same, apart from the values of its `bindparam`s.

    One that is *expanding* takes a list. An INSERT whose values aren't written out names the *columns* that it fills.
    """

    def __init__(self, statement: Select[*tuple[Any, ...]] | UpdateBase, columns: Sequence[str] = ()) -> None:
        self.statement = statement
        compiled: Any = statement.compile(dialect=SQLITE, column_keys=list(columns) or None)
        self._text: str = compiled.string
        self._lists = frozenset(_LIST.findall(self._text))
        self._texts: dict[tuple[int, ...], str] = {}
        binds = [(name, compiled.binds[name]) for name in compiled.positiontup]
        self._given = [(name, _process(bind.type, "bind"), bind.required) for name, bind in binds]
        self._said = {name: bind.value for name, bind in binds if not bind.required}
        described = getattr(statement, "column_descriptions", None)
        if described is None:
            described = getattr(statement, "returning_column_descriptions", ())
        self._read = _reader([_process(column["type"], "result") for column in described])

    def write(self, values: Mapping[str, Any]) -> tuple[str, list[Any]]:
        """Give the statement's text, and the values in its order as the database takes them."""
        given: list[Any] = []
        sizes: list[int] = []
        for name, process, required in self._given:
            value = values[name] if required or name in values else self._said[name]
            if name in self._lists:
                given += value if process is None else map(process, value)
                sizes.append(len(value))
            else:
                given.append(value if process is None else process(value))
        return self._text if not sizes else self._expanded(tuple(sizes)), given

    def read(self, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """Turn rows as the database gives them into rows of values."""
        return rows if self._read is None else self._read(rows)

    def _expanded(self, sizes: tuple[int, ...]) -> str:
        """Give the text for lists of these sizes."""
        if (text := self._texts.get(sizes)) is None:
            if len(self._texts) > 256:
                self._texts.clear()
            left = iter(sizes)
            text = _LIST.sub(lambda _: ", ".join("?" * next(left)) or _EMPTY, self._text)
            self._texts[sizes] = text
        return text


def _reader(processes: list[Process | None]) -> Callable[[list[Any]], list[Any]] | None:
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


def _process(kind: Any, way: str) -> Process | None:
    """Give how a type's values are bound, or read as a result."""
    known, is_time = kind.dialect_impl(SQLITE), isinstance(kind, UTCDateTime)
    if way == "result":
        return _read_time if is_time else known.result_processor(SQLITE, None)
    process = known.bind_processor(SQLITE)
    # One moment is written several times: all that a request looks at, it looks at then.
    return lru_cache(256)(process) if process is not None and is_time else process


@lru_cache(512)
def _read_time(text: str) -> datetime:
    """Read a time as SQLAlchemy keeps it in SQLite: in UTC, without saying so. The newest are read again and again."""
    return datetime.fromisoformat(f"{text}+00:00")
