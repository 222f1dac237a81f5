"""The journal of each house: what happened, in commit order, written in the transaction that made it happen."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, delete, insert, select, update

from chatgraph.models import Happening, Stretch
from chatgraph.store.rows import Connection, columns
from chatgraph.store.tables import Id, houses, journal


class Entry(NamedTuple):
    """What happened, to what, and in which room."""

    kind: int
    subject_id: int
    room_id: int | None


ADD = insert(journal)
RAISE_SEQ = (
    update(houses)
    .where(houses.c.id == bindparam("house"))
    .values(journal_seq=houses.c.journal_seq + bindparam("steps", type_=Id))
    .returning(houses.c.journal_seq)
)


COLUMNS = columns(Happening, journal)
AFTER = (
    select(*COLUMNS)
    .where(journal.c.house_id == bindparam("house"), journal.c.seq > bindparam("after"))
    .order_by(journal.c.seq)
    .limit(bindparam("most"))
)


async def append(
    db: Connection, house_id: int, entries: Sequence[Entry], actor_id: int | None, now: datetime
) -> int:
    """Write what happened at the house's next positions and give the first; its row stays locked until the commit."""
    last = (await db.execute(RAISE_SEQ, {"house": house_id, "steps": len(entries)})).scalar_one()
    same = {"house_id": house_id, "actor_id": actor_id, "time": now}
    first = last - len(entries) + 1
    await db.execute(ADD, [{**same, "seq": first + n, **one._asdict()} for n, one in enumerate(entries)])
    return first


async def read(db: Connection, house_id: int, after: int, head: int, most: int) -> Stretch:
    """Give up to *most* of what follows a position in a house's journal, which has come to *head*."""
    rows = await db.execute(AFTER, {"house": house_id, "after": after, "most": most})
    happenings = [Happening._make(row) for row in rows]
    # Rows go by their time: where a clock was wrong, one may be missing between others.
    whole = happenings[-1].seq == after + len(happenings) if happenings else after == head
    return Stretch(happenings, head, whole)


async def heads(db: Connection, house_ids: Collection[int]) -> dict[int, int]:
    """Give how far the journals of the houses have come."""
    statement = select(houses.c.id, houses.c.journal_seq).where(houses.c.id.in_(house_ids))
    return {row[0]: row[1] for row in await db.execute(statement)}


async def forget(db: Connection, before: datetime, most: int) -> int:
    """Take away up to *most* rows of before that time, the oldest first. Give how many went."""
    old = select(journal.c.house_id, journal.c.seq).where(journal.c.time < before)
    rows = (await db.execute(old.order_by(journal.c.time).limit(most))).all()
    for house_id, seq in rows:
        await db.execute(delete(journal).where(journal.c.house_id == house_id, journal.c.seq == seq))
    return len(rows)
