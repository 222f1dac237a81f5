"""Rooms as they are kept, seen only through the houses they are in."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from chatgraph.models import House, Look, Page, Room, Seen, Window
from chatgraph.store import houses as kept_houses
from chatgraph.store.pages import Listing
from chatgraph.store.rows import AnySelect, Connection, Prepared, among, columns, made_into, one
from chatgraph.store.tables import houses, rooms

COLUMNS = columns(Room, rooms)


def _in(houses_there: AnySelect) -> AnySelect:
    """Go on from houses to the rooms in them."""
    return houses_there.join(rooms, rooms.c.house_id == houses.c.id).where(rooms.c.delete_time.is_(None))


def seen(look: Look, *wanted: Any) -> AnySelect:
    """Select *wanted* from the rooms in houses of which somebody knows."""
    return _in(kept_houses.seen(look, *wanted))


ANYBODY = kept_houses.ANYBODY
FIND = Prepared(
    seen(ANYBODY, *COLUMNS, houses.c.journal_seq, *kept_houses.STANDING).where(rooms.c.id.in_(among("ids")))
)
WITH_HOUSE = Prepared(seen(ANYBODY, *COLUMNS, *kept_houses.COLUMNS).where(rooms.c.id == one("room")))
RAISE_SEQ = Prepared(
    update(rooms)
    .where(rooms.c.id == one("room"))
    .values(last_seq=rooms.c.last_seq + 1)
    .returning(rooms.c.last_seq)
)
OF_HOUSE = Listing(
    lambda house: select(*COLUMNS).where(rooms.c.house_id == house, rooms.c.delete_time.is_(None)),
    rooms.c.id,
    made_into(Room),
    newest_first=True,
)
IN_READABLE = kept_houses.readable(
    kept_houses.seen(ANYBODY, houses.c.id).where(houses.c.id == rooms.c.house_id)
)
OF_ALL = Listing(
    lambda _: select(*COLUMNS).where(rooms.c.delete_time.is_(None), IN_READABLE),
    rooms.c.id,
    made_into(Room),
    newest_first=True,
)


async def find(db: Connection, look: Look, room_ids: Collection[int]) -> list[Seen[Room]]:
    """Give those of the rooms in houses of which somebody knows, in no order."""
    rows = await db.fetch(FIND, {"ids": list(room_ids), **look._asdict()})
    cut = len(COLUMNS)
    return [Seen(Room._make(row[:cut]), kept_houses.make_standing(row[cut + 1 :]), row[cut]) for row in rows]


async def with_house(db: Connection, look: Look, room_id: int) -> tuple[Room, House] | None:
    """Give a room in a house of which somebody knows, and that house."""
    rows = await db.fetch(WITH_HOUSE, {"room": room_id, **look._asdict()})
    if not rows:
        return None
    [row] = rows
    cut = len(COLUMNS)
    return Room._make(row[:cut]), kept_houses.make_house(row[cut:])


async def pages(db: Connection, house_ids: Collection[int], window: Window) -> dict[int, Page[Room]]:
    """Give a page of each house's rooms, newest first."""
    return await OF_HOUSE.pages(db, house_ids, window)


async def page_of_all(db: Connection, look: Look, window: Window) -> Page[Room]:
    """Give a page of all the rooms that somebody may read, newest first."""
    return await OF_ALL.page(db, window, look._asdict())


async def add(db: Connection, house_id: int, title: str, topic: str, creator_id: int, now: datetime) -> Room:
    """Keep a new room."""
    row = insert(rooms).values(
        house_id=house_id, title=title, topic=topic, creator_id=creator_id, create_time=now
    )
    return Room._make((await db.execute(row.returning(*COLUMNS))).one())


async def change(db: Connection, room_id: int, **values: Any) -> None:
    """Set columns of a room."""
    await db.execute(update(rooms).where(rooms.c.id == room_id).values(**values))


async def next_seq(db: Connection, room_id: int) -> int:
    """Raise the room's counter and give the seq of its next talk; the row stays locked until the commit."""
    [(seq,)] = await db.fetch(RAISE_SEQ, {"room": room_id})
    return seq
