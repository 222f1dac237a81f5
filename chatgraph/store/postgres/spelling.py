"""How statements are spelled for PostgreSQL, and how their values are written."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, UpdateBase, bindparam
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlmodel.sql.sqltypes import UTCDateTime

from chatgraph.store.prepared import Prepared

POSTGRES = dialect(paramstyle="pyformat")
_LIST = re.compile(r"IN \(__\[POSTCOMPILE_(\w+)\]\)")
_NAME = re.compile(r"%\((\w+)\)s|%%")


class Spelling:
    """
    A prepared statement as PostgreSQL takes it: each value once, as `$1`, `$2`…, and a list as an array.

    So its text never changes, and the server plans it once for each connection.
    """

    def __init__(self, prepared: Prepared) -> None:
        compiled: Any = prepared.statement.compile(dialect=POSTGRES, column_keys=prepared.columns)
        binds = {name: bind for bind, name in compiled.bind_names.items()}
        self._names: list[str] = []
        self.text: str = _NAME.sub(self._number, _LIST.sub(r"= ANY (%(\1)s)", compiled.string))
        self._said = {name: bind.value for name, bind in binds.items() if not bind.required}
        self._times = [at for at, name in enumerate(self._names) if isinstance(binds[name].type, UTCDateTime)]

    def write(self, values: Mapping[str, Any]) -> list[Any]:
        """Give the values in the statement's order. Raises `ValueError` for a time without a zone."""
        if self._said:
            values = {**self._said, **values}
        given = [values[name] for name in self._names]
        for at in self._times:
            _require_zone(given[at])
        return given

    def _number(self, found: re.Match[str]) -> str:
        name = found[1]
        if name is None:
            return "%"
        if name not in self._names:
            self._names.append(name)
        return f"${self._names.index(name) + 1}"


class NumberedSpelling(Spelling):
    """One that is sent many times at once: each row ends with the number *at* that its values were given."""

    def __init__(self, prepared: Prepared) -> None:
        number, statement = bindparam("at", type_=Integer), prepared.statement
        wider: Any = (
            statement.returning(number)
            if isinstance(statement, UpdateBase)
            else statement.add_columns(number)
        )
        super().__init__(Prepared(wider, prepared.columns or ()))


def _require_zone(moment: datetime | None) -> None:
    if moment is not None and moment.tzinfo is None:
        raise ValueError(f"{moment} says no time zone.")
