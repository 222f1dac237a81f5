"""The journal of each house: what happened, in commit order, written in the transaction that made it happen."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, bindparam, delete, func, insert, select, tuple_, update

from chatgraph.models import Happening, Stretch
from chatgraph.store.rows import Connection, Prepared, among, columns, in_parts, one
from chatgraph.store.tables import houses, journal, talks


class Entry(NamedTuple):
    """What happened, to what, and in which room."""

    kind: int
    subject_id: int
    room_id: int | None


class RoomStretch(NamedTuple):
    """The talks of a room from one seq to another."""

    room: int
    first: int
    last: int


COLUMNS = columns(Happening, journal)
ADD = Prepared(insert(journal), Happening._fields)
RAISE_SEQ = Prepared(
    update(houses)
    .where(houses.c.id == one("house"))
    .values(journal_seq=houses.c.journal_seq + one("steps"))
    .returning(houses.c.journal_seq)
)
AFTER = Prepared(
    select(*COLUMNS)
    .where(journal.c.house_id == one("house"), journal.c.seq > one("after"))
    .order_by(journal.c.seq)
    .limit(bindparam("most"))
)
# The talks that are told of, where they are among some of a room.
TOLD_OF = and_(
    talks.c.id == journal.c.subject_id,
    talks.c.room_id == one("room"),
    talks.c.seq.between(one("first"), one("last")),
    journal.c.kind.in_(among("kinds")),
)
COUNT = Prepared(
    select(func.count(), func.count(talks.c.id))
    .select_from(journal.outerjoin(talks, TOLD_OF))
    .where(journal.c.house_id == one("house"), journal.c.seq.between(one("after") + 1, one("until")))
)
HEADS = Prepared(select(houses.c.id, houses.c.journal_seq).where(houses.c.id.in_(among("ids"))))


async def append(
    db: Connection, house_id: int, entries: Sequence[Entry], actor_id: int | None, now: datetime
) -> int:
    """Write what happened at the house's next positions and give the first; its row stays locked until the commit."""
    [(last,)] = await db.fetch(RAISE_SEQ, {"house": house_id, "steps": len(entries)})
    first = last - len(entries) + 1
    for seq, (kind, subject_id, room_id) in enumerate(entries, first):
        row = Happening(house_id, seq, kind, subject_id, room_id, actor_id, now)
        await db.fetch(ADD, row._asdict())
    return first


async def read(db: Connection, house_id: int, after: int, head: int, most: int) -> Stretch:
    """Give up to *most* of what follows a position in a house's journal, which has come to *head*."""
    rows = await db.fetch(AFTER, {"house": house_id, "after": after, "most": most})
    happenings = [Happening._make(row) for row in rows]
    # Rows go by their time: where a clock was wrong, one may be missing between others.
    whole = happenings[-1].seq == after + len(happenings) if happenings else after == head
    return Stretch(happenings, head, whole)


async def read_about(
    db: Connection, house_id: int, after: int, wanted: Collection[tuple[int, int]], most: int
) -> list[Happening]:
    """Give up to *most* of what follows a position, if its kind and subject are *wanted*."""
    about = (
        select(*COLUMNS)
        .where(journal.c.house_id == house_id, journal.c.seq > after)
        .where(tuple_(journal.c.kind, journal.c.subject_id).in_(wanted))
        .order_by(journal.c.seq)
        .limit(most)
    )
    return [Happening._make(row) for row in await db.execute(about)]


async def count(
    db: Connection, house_id: int, after: int, until: int, kinds: Collection[int], stretch: RoomStretch
) -> tuple[int, int]:
    """Count what follows a position up to another, and what of that is of these *kinds* and about talks in a stretch."""
    between = {"house": house_id, "after": after, "until": until, "kinds": list(kinds)}
    [found] = await db.fetch(COUNT, {**between, **stretch._asdict()})
    return found


async def heads(db: Connection, house_ids: Collection[int]) -> dict[int, int]:
    """Give how far the journals of the houses have come."""
    found: dict[int, int] = {}
    for ids in in_parts(house_ids):
        found.update(await db.fetch(HEADS, {"ids": ids}))
    return found


async def forget(db: Connection, before: datetime, most: int) -> int:
    """Take away up to *most* rows of before that time, the oldest first. Give how many went."""
    old = select(journal.c.house_id, journal.c.seq).where(journal.c.time < before)
    rows = (await db.execute(old.order_by(journal.c.time).limit(most))).all()
    for house_id, seq in rows:
        await db.execute(delete(journal).where(journal.c.house_id == house_id, journal.c.seq == seq))
    return len(rows)
