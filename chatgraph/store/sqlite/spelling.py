"""How statements are spelled for SQLite, and how their values are written and read."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy.dialects.sqlite.aiosqlite import dialect
from sqlmodel.sql.sqltypes import UTCDateTime

from chatgraph.store.prepared import Prepared, Process, row_reader

SQLITE = dialect()
_LIST = re.compile(r"__\[POSTCOMPILE_(\w+)\]")
_EMPTY = "SELECT NULL WHERE 0"


class Spelling:
    """
    A prepared statement as SQLite takes it.

    *write* gives its text, and the values that are named in their order, as the database takes them. *read* turns rows
    as the database gives them into rows of values.
    """

    def __init__(self, prepared: Prepared) -> None:
        compiled: Any = prepared.statement.compile(dialect=SQLITE, column_keys=prepared.columns)
        self._text: str = compiled.string
        self._texts: dict[tuple[int, ...], str] = {}
        names: list[str] = compiled.positiontup
        lists = set(_LIST.findall(self._text))
        self._lists = [at for at, name in enumerate(names) if name in lists]
        given: dict[str, Any] = {"text": self._text, "expand": self._expand}
        values = [_written(at, names, compiled.binds[name], given, lists) for at, name in enumerate(names)]
        row = f"({', '.join(values)},)" if values else "()"
        source = f"lambda values: {f'expand({row})' if lists else f'(text, {row})'}"
        # It holds nothing but numbers.
        self.write: Callable[[Mapping[str, Any]], tuple[str, Sequence[Any]]] = eval(source, given)  # noqa: S307
        self.read = row_reader([_process(kind, "result") for kind in prepared.read_types]) or _as_they_are

    def _expand(self, given: tuple[Any, ...]) -> tuple[str, list[Any]]:
        """Put each list's values in its place, and as many question marks into the text."""
        expanded, sizes = list(given), tuple([len(given[at]) for at in self._lists])
        for at in reversed(self._lists):
            expanded[at : at + 1] = given[at]
        if (text := self._texts.get(sizes)) is None:
            if len(self._texts) > 256:
                self._texts.clear()
            left = iter(sizes)
            text = _LIST.sub(lambda _: ", ".join("?" * next(left)) or _EMPTY, self._text)
            self._texts[sizes] = text
        return text, expanded


def _written(at: int, names: list[str], bind: Any, given: dict[str, Any], lists: set[str]) -> str:
    """Write how the value at a place is had: said by the statement itself, given under its name, or written already."""
    name = names[at]
    process = _process(bind.type, "bind")
    if not bind.required:
        given[f"said{at}"] = bind.value if process is None else process(bind.value)
        return f"said{at}"
    given[f"name{at}"] = name
    value = f"values[name{at}]"
    if process is None:
        return value
    first = names.index(name)
    if first < at:
        return f"value{first}"
    given[f"write{at}"] = _of_each(process) if name in lists else process
    return f"(value{at} := write{at}({value}))"


def _as_they_are(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return rows


def _process(kind: Any, way: str) -> Process | None:
    """Give how a type's values are bound, or read as a result."""
    if isinstance(kind, UTCDateTime):
        return _write_time if way == "bind" else _read_time
    known = kind.dialect_impl(SQLITE)
    return known.bind_processor(SQLITE) if way == "bind" else known.result_processor(SQLITE, None)


def _of_each(process: Process) -> Callable[[Any], list[Any]]:
    return lambda values: list(map(process, values))


@lru_cache(16)  # the present moment is written in most statements of a request
def _write_time(moment: datetime | None) -> str | None:
    """
    Write a time as SQLAlchemy keeps it in SQLite. Raises `ValueError` for one that doesn't say of which zone it is.

    orjson takes a fifth of the time that `isoformat` does. It leaves out the microseconds where they are 0.
    """
    if moment is None:
        return None
    if moment.tzinfo is not UTC:
        if moment.tzinfo is None:
            raise ValueError(f"{moment} says no time zone.")
        moment = moment.astimezone(UTC)
    written = orjson.dumps(moment).decode()
    micros = written[20:27] if moment.microsecond else ".000000"
    return f"{written[1:11]} {written[12:20]}{micros}"


def _read_time(text: str) -> datetime:
    """Read a time as SQLAlchemy keeps it in SQLite: in UTC, without saying so."""
    return datetime.fromisoformat(f"{text}+00:00")
