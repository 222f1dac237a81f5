"""What was deleted is hidden at once; its rows are taken away here, a bounded number at a time."""

from datetime import datetime

from sqlalchemy import delete, select, union_all

from chatgraph.store import sessions
from chatgraph.store.rows import Connection
from chatgraph.store.tables import houses, journal, members, rooms, talks


async def take_away(db: Connection, now: datetime, most: int = 500) -> int:
    """Take away up to *most* rows of each kind that belong to nothing any more. Give how many went; 0 says: all clean."""
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
        lost_members = select(members.c.id).where(members.c.house_id.in_(gone_houses)).limit(most)
        count += (await db.execute(delete(members).where(members.c.id.in_(lost_members)))).rowcount
    if count == 0:
        # A deleted house keeps its row, whose id the journal goes on naming, without its words.
        lost = (
            select(journal.c.house_id, journal.c.seq).where(journal.c.house_id.in_(gone_houses)).limit(most)
        )
        pairs = (await db.execute(lost)).all()
        for house_id, seq in pairs:
            await db.execute(delete(journal).where(journal.c.house_id == house_id, journal.c.seq == seq))
        count += len(pairs)
    return count + await sessions.forget_expired(db, now, most)
