"""Copying: a table after the other, each page in a transaction of its own, so that it can be gone on with."""

from sqlalchemy.exc import DBAPIError

from chatgraph.store.failures import Failure, failure_of
from chatgraph.store.moving.ends import End
from chatgraph.store.moving.pages import Pages, Tell


async def copy(source: End, target: End, pages: Pages, tell: Tell) -> None:
    """
    Copy the rows of a table that aren't there yet: those after the last one that is.

    Raises `ValueError` for what the target doesn't take.
    """
    done, rows = await pages.count(target.db), await pages.count(source.db)
    there = f", of which {done} are there" if done else ""
    doing = f"Copying {pages.table.name} ({rows}{there})"
    if rows:
        tell(doing, done, rows)
    async for page in pages.read(source.db, await pages.last(target.db)):
        try:
            await target.db.begin_writing()
            await pages.write(target.db, page)
            await target.db.commit()
        except DBAPIError as error:
            if failure_of(error) not in (Failure.FAULTY, Failure.CLASH):
                raise
            raise ValueError(
                f"{target.name} doesn't take rows of {pages.table.name}: {error.orig}."
            ) from error
        done += len(page)
        tell(doing, done, rows)
