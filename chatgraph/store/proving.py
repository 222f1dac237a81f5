"""Proving that a session goes on: that is asked in the same statement as what is asked first."""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Executable, bindparam, select

from chatgraph.store.connections import Connection, Rows, Values
from chatgraph.store.prepared import Prepared
from chatgraph.store.rows import one
from chatgraph.store.sessions import goes_on
from chatgraph.store.tables import sessions

# The session's id, while it goes on.
PROOF = select(sessions.c.id).where(
    sessions.c.id == one("proven_session"),
    sessions.c.user_id == one("proven_user"),
    goes_on(bindparam("proven_time")),
)
ALONE = Prepared(PROOF)


class SessionEnded(Exception):
    """Somebody asks in a session that has ended."""


class Proving(Connection):
    """
    Hands on what is asked, for somebody whose session has yet to be looked up.

    No row is given, and nothing is written, before it is known that the session goes on. Raises `SessionEnded`.
    """

    def __init__(self, db: Connection, user_id: int, session_id: int, now: datetime) -> None:
        self._db = db
        self._session = {"proven_user": user_id, "proven_session": session_id, "proven_time": now}
        self._proven = False

    async def fetch(self, statement: Prepared, values: Values) -> Rows:
        if self._proven or statement.writes:
            await self.prove()
            return await self._db.fetch(statement, values)
        rows = await self._db.fetch(_with_proof(statement), {**values, **self._session})
        if not rows:
            await self.prove()
        elif rows[0][-1] is None:
            raise SessionEnded
        self._proven = True
        return [row[:-1] for row in rows]

    async def execute(self, statement: Executable, values: Any = None) -> Any:
        await self.prove()
        return await self._db.execute(statement, values)

    async def prove(self) -> None:
        """Look the session up, where nothing was asked yet that told of it. Raises `SessionEnded`."""
        if not self._proven:
            if not await self._db.fetch(ALONE, self._session):
                raise SessionEnded
            self._proven = True


@cache
def _with_proof(statement: Prepared) -> Prepared:
    """Give a SELECT that tells of the session too, in a last column."""
    asked: Any = statement.statement
    return Prepared(asked.add_columns(PROOF.scalar_subquery()))
