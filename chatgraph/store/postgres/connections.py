"""Connections to PostgreSQL, one session each."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import Executable, UpdateBase
from sqlalchemy.engine import URL, CursorResult
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from chatgraph.store.attempts import OutcomeUnknown
from chatgraph.store.connections import Rows, TransactionalConnection, Values
from chatgraph.store.postgres.holding import Hold, take_all
from chatgraph.store.postgres.spelling import NumberedSpelling, Spelling
from chatgraph.store.prepared import Prepared

CONNECT_SECONDS, ANSWER_SECONDS = 5, 20
# How long the server may take to let a session go, and roll back what was under way in it.
LEAVE_SECONDS = 1.0
READING = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
WRITING = "BEGIN ISOLATION LEVEL READ COMMITTED"
# By this the server tells our sessions from others.
APPLICATION = "chatgraph"
# What the server is told of each session: to break off what hangs, and to notice when the other side is gone.
SESSION = {
    "application_name": APPLICATION,
    "timezone": "UTC",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "20000",
}
# A commit that is acknowledged is durable, whatever the database's default is.
DURABLE = (
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
)

Result = TypeVar("Result")


def engine_to(
    url: URL, settings: Mapping[str, str], *, answer_seconds: float | None = ANSWER_SECONDS
) -> AsyncEngine:
    """
    Give what begins sessions with such *settings* of the server's; None waits for its answers for ever.

    The sessions of one engine share the statements that SQLAlchemy has compiled.
    """
    return create_async_engine(
        url,
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",  # transactions are begun and ended here
        hide_parameters=True,
        connect_args={
            "timeout": CONNECT_SECONDS,
            "command_timeout": answer_seconds,
            "statement_cache_size": 500,
            "server_settings": {**SESSION, **settings},
        },
    )


class PostgresConnection(TransactionalConnection):
    """
    A session of the server.

    `fetch` goes to the driver past SQLAlchemy, which is as fast as it gets; `execute` goes through it. A reading
    transaction is begun with the first statement and ended behind the back of who had it: neither is waited for
    where nothing is read.
    """

    def __init__(self, away: AsyncConnection, raw: asyncpg.Connection) -> None:
        self._away, self._raw = away, raw
        self._whole = True
        self._to_begin = False
        self._ending: asyncio.Task[None] | None = None
        self.changes = 0

    @classmethod
    async def open(cls, engine: AsyncEngine) -> "PostgresConnection":
        """Begin a session."""
        away = await engine.connect()
        raw: Any = (await away.get_raw_connection()).driver_connection
        return cls(away, raw)

    @property
    def usable(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Whether all is known of it."""
        return self._whole and not self._raw.is_closed()

    async def fetch(self, statement: Prepared, values: Values) -> Rows:
        """Run a prepared statement and give all its rows."""
        spelling = statement.spelled(Spelling)
        given = spelling.write(values)
        self.changes += statement.writes
        await self._get_ready()
        return [tuple(row) for row in await self._run(self._raw.fetch(spelling.text, *given))]

    async def fetch_each(self, statement: Prepared, each: Sequence[Values]) -> list[Rows]:
        """Run a prepared statement with all sets of values, sent together, and give the rows of each."""
        if len(each) == 1:
            return [await self.fetch(statement, each[0])]
        spelling = statement.spelled(NumberedSpelling)
        given = [spelling.write({**values, "at": at}) for at, values in enumerate(each)]
        self.changes += statement.writes
        await self._get_ready()
        found: list[Rows] = [[] for _ in each]
        for row in await self._run(self._raw.fetchmany(spelling.text, given)):
            found[row[-1]].append(row[:-1])
        return found

    async def execute(self, statement: Executable, values: Any = None) -> CursorResult[*tuple[Any, ...]]:
        """Run any statement."""
        self.changes += isinstance(statement, UpdateBase)
        await self._get_ready()
        return await self._run(self._away.execute(statement, values))

    async def ask(self, text: str, *values: Any) -> Any:
        """Run a statement of PostgreSQL's own and give the first value."""
        await self._get_ready()
        return await self._run(self._raw.fetchval(text, *values))

    async def listen(self, channel: str, take: Callable[..., None]) -> None:
        """Have *take* called with the connection, the sender's process, the channel and what is said there."""
        await self._run(self._raw.add_listener(channel, take))

    async def run_sync(self, work: Any) -> Any:
        """Call what works with a connection of SQLAlchemy's that waits, as migrations do."""
        return await self._run(self._away.run_sync(work))

    def begin(self) -> None:
        """Begin to read; the snapshot is taken with the first row that is read."""
        self._to_begin = True

    async def begin_writing(self, holds: Sequence[Hold] = ()) -> None:
        """
        Begin to write, once nobody else holds any of it.

        Raises `RuntimeError` in a transaction, where PostgreSQL only warns: what was done in it would be kept too.
        """
        await self._get_ready()
        if not self._raw.is_closed() and self._raw.is_in_transaction():
            raise RuntimeError("The session is in a transaction already.")
        taking = take_all(holds)
        await self._run(self._raw.execute(f"{WRITING}; {taking}" if taking else WRITING))

    async def save(self) -> None:
        """Set the point to which `undo` goes back."""
        await self._run(self._raw.execute("SAVEPOINT change"))

    async def keep(self) -> None:
        """Keep what was changed since `save`, as far as the transaction is kept."""
        await self._run(self._raw.execute("RELEASE change"))

    async def undo(self) -> None:
        """Undo what was changed since `save`."""
        await self._run(self._raw.execute("ROLLBACK TO change; RELEASE change"))

    async def commit(self) -> None:
        """Make what was changed durable. Raises `OutcomeUnknown` when the connection is lost meanwhile."""
        try:
            outcome = await self._run(self._raw.execute("COMMIT"))
        except Exception as error:
            raise OutcomeUnknown from error
        if outcome != "COMMIT":
            raise RuntimeError(f"The transaction ended by {outcome}.")

    def end(self) -> None:
        """End the transaction, keeping nothing; whatever comes next waits for it."""
        if self._to_begin:
            self._to_begin = False  # nothing was asked in it
        elif self.usable:
            self._ending = asyncio.create_task(self._roll_back())

    async def close(self) -> None:
        """Let go of the session, breaking off what may still run; a server that is silent isn't waited for."""
        try:
            async with asyncio.timeout(LEAVE_SECONDS):
                if self._ending is not None:
                    await self._ending
                await self._raw.close()  # its locks are free then
        except Exception:
            self._raw.terminate()
        await self._away.close()

    async def _roll_back(self) -> None:
        """End the transaction; whoever takes the session meanwhile waits for that, unless it is lost by then."""
        try:
            await self._raw.execute("ROLLBACK")
        except Exception:
            self._raw.terminate()

    async def _get_ready(self) -> None:
        if self._ending is not None:
            ending, self._ending = self._ending, None
            await self._run(ending)
        if self._to_begin:
            self._to_begin = False
            await self._run(self._raw.execute(READING))

    async def _run(self, doing: Awaitable[Result]) -> Result:
        """Wait for the server; of what nobody waits for any more, nobody knows how it ended, then or later."""
        whole, self._whole = self._whole, False
        try:
            result = await doing
        except Exception as error:
            self._whole = whole and not isinstance(error, TimeoutError)
            raise
        self._whole = whole
        return result
