"""How a move begins: what it finds at either end, and the mark that keeps servers off until all is there."""

from sqlalchemy import delete

from chatgraph.store import migrations
from chatgraph.store.migrations import newest
from chatgraph.store.migrations.standing import MOVING, standing_of, write_oldest
from chatgraph.store.moving.ends import End
from chatgraph.store.moving.pages import EVERYTHING
from chatgraph.store.tables import counters, houses


async def require_whole(source: End) -> str:
    """Give the oldest revision whose code works with what is moved. Raises `ValueError` where it isn't this code's own."""
    standing = await source.db.run_sync(standing_of)
    if standing.revision is None:
        raise ValueError(f"{source.name} has nothing of chatgraph's in it.")
    standing.require_fit()
    if standing.revision != newest() or standing.oldest is None:
        raise ValueError(
            f"{source.name} has tables of revision {standing.revision}, and this chatgraph moves those of {newest()}:"
            " take the chatgraph that they are of, or bring them up to date with `chatgraph migrate`."
        )
    return standing.oldest


async def make_room(target: End) -> None:
    """
    Make the tables, and mark them so that no server works with them until all is there; or find them so marked.

    Raises `ValueError` where there is anything already but what a new database has.
    """
    db = target.db
    await db.begin_writing(target.holds)
    try:
        standing = await db.run_sync(standing_of)
        if standing.oldest != MOVING:
            standing = await db.run_sync(migrations.upgrade)
            await _require_untouched(target)
            for seeded in (houses, counters):
                await db.execute(delete(seeded))
            await db.run_sync(lambda connection: write_oldest(connection, MOVING))
        if standing.revision != newest():
            raise ValueError(
                f"{target.name} was made by another version of chatgraph; take an empty database."
            )
    except BaseException:
        db.end()
        raise
    await db.commit()


async def _require_untouched(target: End) -> None:
    counts = {pages.table.name: await pages.count(target.db) for pages in EVERYTHING}
    rest = {name: count for name, count in counts.items() if count and name != "counters"}
    if rest.get("houses") != 1 or len(rest) > 1:
        told = ", ".join(f"{count} {name}" for name, count in rest.items())
        raise ValueError(f"{target.name} has other things in it ({told}); take an empty database.")
