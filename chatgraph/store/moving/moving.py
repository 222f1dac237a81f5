"""A whole move: hold both databases, copy what isn't there yet, compare all of it, and let servers in."""

import asyncio
from typing import NamedTuple

from chatgraph.store.attempts import OutcomeUnknown
from chatgraph.store.database import Database
from chatgraph.store.failures import Failure, failure_of
from chatgraph.store.migrations.standing import write_oldest
from chatgraph.store.moving.beginning import make_room, require_whole
from chatgraph.store.moving.checksums import checksum
from chatgraph.store.moving.copying import copy
from chatgraph.store.moving.ends import End
from chatgraph.store.moving.pages import EVERYTHING, Tell


class Moved(NamedTuple):
    """A table that is the same at both ends, and the id that it handed out last, where it does that."""

    table: str
    rows: int
    last_id: int | None
    digest: str


async def move(source: Database, target: Database, tell: Tell) -> list[Moved]:
    """
    Move everything that is kept from one database into another, and prove that it is there.

    Nobody writes to either meanwhile. What was broken off goes on where it was, when it is done again with the same
    databases. The source stays as it is. *tell* is called with what is done with which table, to how many rows, and of
    how many.

    Raises `ValueError` while a server runs on either, where the target has other things in it or doesn't take what the
    source has, where one of them is lost, and where they differ in the end.
    """
    if source.name == target.name:
        raise ValueError("This is one and the same database.")
    try:
        return await _move(source, target, tell)
    except Exception as error:
        if failure_of(error) is Failure.OWN and not isinstance(error, OutcomeUnknown):
            raise
        reason = getattr(error, "orig", None) or error.__cause__ or error
        raise ValueError(f"The move broke off: {reason}. The same command goes on where it was.") from error


async def _move(source: Database, target: Database, tell: Tell) -> list[Moved]:
    async with source.moving_out() as out:
        oldest = await require_whole(out)
        async with target.moving_in() as into:
            await make_room(into)
            for pages in EVERYTHING:
                await copy(out, into, pages, tell)
            await into.db.begin_writing()
            await into.go_on_after(await out.last_ids())
            await into.db.commit()
            moved = await _compare(out, into, tell)
            await into.db.begin_writing()
            await into.db.run_sync(lambda connection: write_oldest(connection, oldest))
            await into.db.commit()
            await into.finish()
    return moved


async def _compare(source: End, target: End, tell: Tell) -> list[Moved]:
    """Read both databases whole, beside each other. Raises `ValueError` where they differ."""
    moved, differing = [], []
    last_ids, their_last_ids = await source.last_ids(), await target.last_ids()
    for pages in EVERYTHING:
        name = pages.table.name
        mine, theirs = await asyncio.gather(checksum(source.db, pages, tell), checksum(target.db, pages))
        if mine != theirs or last_ids.get(name) != their_last_ids.get(name):
            differing.append(name)
        moved.append(Moved(name, mine.rows, last_ids.get(name), mine.digest))
    if differing:
        raise ValueError(
            f"What is in {target.name} differs from {source.name} ({', '.join(differing)}): one of them was written to"
            f" since the move began. Empty {target.name}, and move again."
        )
    return moved
