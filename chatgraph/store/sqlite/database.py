"""The file: a few connections that read, one that writes, and what SQLite has to be told on each."""

import asyncio
import os
import sqlite3
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, OperationalError

from chatgraph.store import migrations
from chatgraph.store.attempts import Change
from chatgraph.store.connections import TransactionalConnection
from chatgraph.store.database import Database
from chatgraph.store.moving.ends import End
from chatgraph.store.places import Place
from chatgraph.store.sqlite.backup import back_up
from chatgraph.store.sqlite.connections import BUSY_SECONDS, SqliteConnection
from chatgraph.store.sqlite.moving import moving_in, moving_out
from chatgraph.store.sqlite.watching import watching
from chatgraph.store.writer import Writer

# Before it, a connection that checkpoints while another commits can lose that commit. Here one connection does both.
FIRST_SQLITE_WITHOUT_WAL_RESET_BUG = (3, 51, 3)

Result = TypeVar("Result")
READERS = 4


class SqliteDatabase(Database):
    """
    One SQLite file, at `sqlite+aiosqlite:///FILE`.

    Not *alone*, it leaves every checkpoint to the server that may be running on the same file.
    """

    def __init__(self, url: str, readers: int | None = None, *, alone: bool = True) -> None:
        super().__init__(readers or READERS)
        self.path = Path(make_url(url).database or "")
        self._url, self._alone = url, alone
        self.writer = Writer(self._connect_writer)

    @property
    def key_file(self) -> Path:
        """Where a key is kept that was made for this database: beside it."""
        return self.path.with_suffix(".key")

    @property
    def name(self) -> str:
        """The file's path, as it was given."""
        return str(self.path)

    @property
    def about(self) -> str:
        """Where the file is, and which SQLite reads it."""
        return f"{self.path.absolute()}   (SQLite {sqlite3.sqlite_version})"

    @property
    def cautions(self) -> list[str]:
        """Warn of a SQLite that can lose commits."""
        cautions = super().cautions
        if sqlite3.sqlite_version_info >= FIRST_SQLITE_WITHOUT_WAL_RESET_BUG:
            return cautions
        return [
            *cautions,
            "before 3.51.3 SQLite can lose what another program's checkpoint overtakes: let no other",
            "program write to this file; `chatgraph user` and `chatgraph house` leave checkpoints alone.",
        ]

    async def migrate(self) -> None:
        """Bring the tables up to date. Raises `ValueError` for a file that can't be used, or that is too new for this."""
        try:
            _create_private(self.path)
            await self._upgrade()
        except (DatabaseError, sqlite3.DatabaseError, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) else getattr(error, "orig", error)
            raise ValueError(f"{self.path} can't be used as the database: {reason}.") from error

    async def _upgrade(self) -> None:
        """Migrate; while another server switches the same new file to WAL, SQLite says busy at once: wait for it."""
        deadline = asyncio.get_running_loop().time() + BUSY_SECONDS
        while True:
            try:
                await self._upgrade_once()
            except (sqlite3.OperationalError, OperationalError) as error:
                if "locked" not in str(error) or asyncio.get_running_loop().time() > deadline:
                    raise
                await asyncio.sleep(0.05)
            else:
                return

    async def _upgrade_once(self) -> None:
        db = await self._connect_writer()
        try:
            await db.begin_writing()
            self.standing = await db.run_sync(migrations.upgrade)
            await db.commit()
        finally:
            await db.close()

    def back_up(self, file: Path, tell: Callable[[int, int], None], *, replace: bool = False) -> None:
        """Copy the file. Raises `ValueError` where that can't be done, or the other file is there already."""
        back_up(self.path, file, tell, replace=replace)

    def moving_out(self) -> AbstractAsyncContextManager[End]:
        """Hold the file while it is read. Raises `ValueError` while anybody else has it open, or where there is none."""
        if not self.path.is_file():
            raise ValueError(f"There is no database at {self.path}.")
        return moving_out(self._url, self.path)

    def moving_in(self) -> AbstractAsyncContextManager[End]:
        """Hold the file, a new one where there is none. Raises `ValueError` while anybody else has it open."""
        try:
            _create_private(self.path)
        except OSError as error:
            raise ValueError(f"{self.path} can't be used as the database: {error.strerror}.") from error
        return moving_in(self._url, self.path)

    def write(
        self,
        change: Change[Result],
        then: Callable[[Result], None] | None = None,
        place: Place | None = None,
    ) -> Coroutine[Any, Any, Result]:
        """Make a change, alone in the whole file, wherever its place is."""
        return self.writer.write(change, then)

    async def settle(self, house_id: int) -> None:
        """Wait until what is being written now, in whichever house, is committed, or has failed, but not for long."""
        await self.writer.settle()

    def watching(self) -> AbstractContextManager[Callable[[], bool]]:
        """Give what tells whether anything may have been committed since it was asked last."""
        return watching(self.path)

    async def _connect_reader(self) -> TransactionalConnection:
        pragmas = {"busy_timeout": "5000", "query_only": "ON", "wal_autocheckpoint": "0"}
        return await SqliteConnection.open(self._url, pragmas, reads=True)

    async def _connect_writer(self) -> TransactionalConnection:
        pragmas = {
            "busy_timeout": "0",  # `begin_writing` waits, without holding up the event loop
            "journal_mode": "WAL",
            "synchronous": "FULL",
            "wal_autocheckpoint": "1000" if self._alone else "0",
        }
        return await SqliteConnection.open(self._url, pragmas, reads=False)


def _create_private(path: Path) -> None:
    """Make the file readable by its owner alone, before there is anything in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
