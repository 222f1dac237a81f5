"""What was deleted is hidden at once; its rows are taken away here, a bounded number at a time."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, union_all

from chatgraph.store import sessions, sign_outs
from chatgraph.store.journal import forget as forget_journals
from chatgraph.store.rows import Connection
from chatgraph.store.tables import (
    audit_entries,
    bans,
    houses,
    invites,
    join_requests,
    journal,
    members,
    mutes,
    rooms,
    talks,
)

# How long a server may have been away and still learn who signed out.
SIGN_OUTS_AGE = timedelta(days=1)


async def take_away(
    db: Connection, now: datetime, most: int = 500, *, journal_age: timedelta | None = None
) -> int:
    """
    Take away up to *most* rows of each kind that belong to nothing any more, and of journals older than that age.

    Gives how many went; 0 says: all clean.
    """
    gone_houses = select(houses.c.id).where(houses.c.delete_time.is_not(None))
    gone_rooms = union_all(
        select(rooms.c.id).where(rooms.c.delete_time.is_not(None)),
        select(rooms.c.id).where(rooms.c.house_id.in_(gone_houses)),
    )
    lost_talks = select(talks.c.id).where(talks.c.room_id.in_(gone_rooms)).limit(most)
    count = (await db.execute(delete(talks).where(talks.c.id.in_(lost_talks)))).rowcount
    if count == 0:
        lost_rooms = select(gone_rooms.subquery().c.id).limit(most)
        count += (await db.execute(delete(rooms).where(rooms.c.id.in_(lost_rooms)))).rowcount
        for table in (members, bans, invites, join_requests, audit_entries):
            lost_rows = select(table.c.id).where(table.c.house_id.in_(gone_houses)).limit(most)
            count += (await db.execute(delete(table).where(table.c.id.in_(lost_rows)))).rowcount
    if count == 0:
        # A deleted house keeps its row, whose id the journal goes on naming, without its words.
        for table, key in ((journal, journal.c.seq), (mutes, mutes.c.user_id)):
            lost = select(table.c.house_id, key).where(table.c.house_id.in_(gone_houses)).limit(most)
            pairs = (await db.execute(lost)).all()
            for house_id, other in pairs:
                await db.execute(delete(table).where(table.c.house_id == house_id, key == other))
            count += len(pairs)
    if journal_age is not None:
        count += await forget_journals(db, now - journal_age, most)
    count += await sign_outs.forget(db, now - SIGN_OUTS_AGE, most)
    return count + await sessions.forget_expired(db, now, most)
