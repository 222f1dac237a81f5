"""How statements are spelled for SQLite, and how their values are written and read."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy.dialects.sqlite.aiosqlite import dialect
from sqlmodel.sql.sqltypes import UTCDateTime

from chatgraph.store.prepared import Prepared, Process, row_reader

SQLITE = dialect()
_LIST = re.compile(r"__\[POSTCOMPILE_(\w+)\]")
_EMPTY = "SELECT NULL WHERE 0"


class Spelling:
    """A prepared statement as SQLite takes it."""

    def __init__(self, prepared: Prepared) -> None:
        compiled: Any = prepared.statement.compile(dialect=SQLITE, column_keys=prepared.columns)
        self._text: str = compiled.string
        self._texts: dict[tuple[int, ...], str] = {}
        self._names: list[str] = compiled.positiontup
        binds = [compiled.binds[name] for name in self._names]
        self._said = {
            name: bind.value for name, bind in zip(self._names, binds, strict=True) if not bind.required
        }
        lists = set(_LIST.findall(self._text))
        self._lists = [at for at, name in enumerate(self._names) if name in lists]
        self._processes = [
            (at, _of_each(process) if at in self._lists else process)
            for at, bind in enumerate(binds)
            if (process := _process(bind.type, "bind")) is not None
        ]
        self._read = row_reader([_process(kind, "result") for kind in prepared.read_types])

    def write(self, values: Mapping[str, Any]) -> tuple[str, list[Any]]:
        """Give the statement's text, and the values in its order as the database takes them."""
        if self._said:
            values = {**self._said, **values}
        given = [values[name] for name in self._names]
        for at, process in self._processes:
            given[at] = process(given[at])
        return self._expand(given) if self._lists else (self._text, given)

    def read(self, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """Turn rows as the database gives them into rows of values."""
        return rows if self._read is None else self._read(rows)

    def _expand(self, given: list[Any]) -> tuple[str, list[Any]]:
        """Put each list's values in its place, and as many question marks into the text."""
        sizes = tuple(len(given[at]) for at in self._lists)
        for at in reversed(self._lists):
            given[at : at + 1] = given[at]
        if (text := self._texts.get(sizes)) is None:
            if len(self._texts) > 256:
                self._texts.clear()
            left = iter(sizes)
            text = _LIST.sub(lambda _: ", ".join("?" * next(left)) or _EMPTY, self._text)
            self._texts[sizes] = text
        return text, given


def _process(kind: Any, way: str) -> Process | None:
    """Give how a type's values are bound, or read as a result."""
    if isinstance(kind, UTCDateTime):
        return _write_time if way == "bind" else _read_time
    known = kind.dialect_impl(SQLITE)
    return known.bind_processor(SQLITE) if way == "bind" else known.result_processor(SQLITE, None)


def _of_each(process: Process) -> Callable[[Any], list[Any]]:
    return lambda values: list(map(process, values))


@lru_cache(256)
def _write_time(moment: datetime | None) -> str | None:
    """
    Write a time as SQLAlchemy keeps it in SQLite. One moment is written several times: all that a request does, it does then.

    Raises `ValueError` for a time that doesn't say of which zone it is.
    """
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise ValueError(f"{moment} says no time zone.")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _read_time(text: str) -> datetime:
    """Read a time as SQLAlchemy keeps it in SQLite: in UTC, without saying so."""
    return datetime.fromisoformat(f"{text}+00:00")
