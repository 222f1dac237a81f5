"""The database: connections that read, what writes, and how the tables are brought up to date."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import structlog

from chatgraph.errors import Unavailable
from chatgraph.store.attempts import Change
from chatgraph.store.connections import Connection, TransactionalConnection
from chatgraph.store.failures import Failure, failure_of
from chatgraph.store.migrations import Standing
from chatgraph.store.moving.ends import End
from chatgraph.store.places import Place
from chatgraph.store.readers import Readers

Result = TypeVar("Result")
# How long what still waits is written for at the end.
STOP_SECONDS = 4.0

log = structlog.get_logger()


class Database(ABC):
    """
    `reading()` gives a connection on one snapshot; `write` makes a change durable.

    Which database it is, its address says: `database_at`.
    """

    writer: Any  # a `Writer`, or `Lanes` of them, that counts `commits` and what was `written`

    def __init__(self, readers: int) -> None:
        self.readers = Readers(self._connect_reader, readers)
        self.standing = Standing(None, None)

    async def open(self) -> None:
        """Bring the tables up to date, then begin to write."""
        await self.migrate()
        await self.writer.start()

    @property
    @abstractmethod
    def name(self) -> str:
        """Where it is, for people; without the password."""

    @property
    @abstractmethod
    def about(self) -> str:
        """Where it is, and once it was opened, what it is."""

    @property
    def shared(self) -> bool:
        """Whether several servers can work with it at the same time."""
        return False

    @property
    def cautions(self) -> list[str]:
        """What whoever runs this should know of it, line by line."""
        return [self.standing.told] if self.standing.is_newer else []

    @property
    def key_file(self) -> Path | None:
        """Where a key is kept that was made for this database; None where every server has to be given it."""
        return None

    @abstractmethod
    async def migrate(self) -> None:
        """
        Bring the tables up to date, and know how they stand.

        Those of a newer chatgraph stay as they are. Raises `ValueError` where this one doesn't work with them, or they
        can't be brought up to date.
        """

    @abstractmethod
    def back_up(self, file: Path, tell: Callable[[int, int], None], *, replace: bool = False) -> None:
        """
        Copy all that is committed into a file, beside servers that write.

        *tell* is called with how much is done, and of how much. Raises `ValueError` where that can't be done.
        """

    @abstractmethod
    def moving_out(self) -> AbstractAsyncContextManager[End]:
        """Hold it, so that everything can be read and nobody writes. Raises `ValueError` while anybody else uses it."""

    @abstractmethod
    def moving_in(self) -> AbstractAsyncContextManager[End]:
        """Hold it, so that everything can be written. Raises `ValueError` while anybody else uses it."""

    async def close(self) -> None:
        """
        Finish what waits to be written and let go of the database; the writer goes last: SQLite's checkpoints then.

        What takes longer than `STOP_SECONDS` is broken off; whoever waits for it is told.
        """
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self.writer.stop()
        except TimeoutError:
            log.error("not all that waited could be written before the end")
        await self.readers.close()
        await self.writer.close()

    def write(
        self,
        change: Change[Result],
        then: Callable[[Result], None] | None = None,
        place: Place | None = None,
    ) -> Coroutine[Any, Any, Result]:
        """
        Make a change at a place, alone there, and give its result once that is durable.

        *then* is called with the result between the commit and the answer. Raises what the change raises, and
        `Unavailable`.
        """
        return self.writer.write(change, then, place)

    async def settle(self, house_id: int) -> None:
        """Wait until what is being written now in a house is committed, or has failed, but not for long."""
        await self.writer.settle(house_id)

    @abstractmethod
    def watching(self) -> AbstractContextManager[Callable[[], bool]]:
        """Give what tells whether it is time to look for what others committed; it costs next to nothing."""

    def channel(self, hear: Callable[[str, Sequence[str]], None], connected: Callable[[], None]) -> Any:
        """
        Give the `Channel` to other servers on this database, which has to be run; None where there can't be any.

        *hear* is called with a server's name and what it says, *connected* whenever the channel works again.
        """
        return None

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """Give a connection that reads one snapshot for as long as it is held. Raises `Unavailable`."""
        with telling_unavailable:
            db = await self.readers.take()
            try:
                yield db
            finally:
                self.readers.give_back(db)

    @abstractmethod
    async def _connect_reader(self) -> TransactionalConnection: ...


class _TellingUnavailable:
    """Raises `Unavailable` for what a database raises that is busy, full or gone; it is logged, without parameters."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: Any, error: BaseException | None, __: Any) -> None:
        if error is None or isinstance(error, Unavailable):
            return
        if failure_of(error) in (Failure.LOST, Failure.REFUSED, Failure.CROSSED):
            log.error("the database can't be read", error=str(error))
            raise Unavailable("The database can't be read now.") from error


telling_unavailable = _TellingUnavailable()
