"""Rooms as they are kept, seen only through the houses they are in."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, insert, select, update

from chatgraph.models import House, Page, Room, Window
from chatgraph.store import houses as kept_houses
from chatgraph.store.rows import AnySelect, Connection, columns, fetch_page, fetch_pages
from chatgraph.store.tables import Id, houses, rooms

COLUMNS = columns(Room, rooms)


def seen(viewer_id: int | ColumnElement[int], *wanted: Any) -> AnySelect:
    """Select *wanted* from the rooms that stand in houses the viewer sees."""
    return (
        kept_houses.seen(viewer_id, *wanted)
        .join(rooms, rooms.c.house_id == houses.c.id)
        .where(rooms.c.delete_time.is_(None))
    )


# What every page and every post needs is built once.
VIEWER = bindparam("viewer", type_=Id)
FIND = seen(VIEWER, *COLUMNS).where(rooms.c.id.in_(bindparam("ids", expanding=True)))
WITH_HOUSE = seen(VIEWER, *COLUMNS, *kept_houses.COLUMNS).where(rooms.c.id == bindparam("room"))
RAISE_SEQ = (
    update(rooms)
    .where(rooms.c.id == bindparam("room"))
    .values(last_seq=rooms.c.last_seq + 1)
    .returning(rooms.c.last_seq)
)


async def find(db: Connection, viewer_id: int, room_ids: Collection[int]) -> list[Room]:
    """Give those of the rooms that the viewer sees, in no order."""
    rows = await db.execute(FIND, {"viewer": viewer_id, "ids": list(room_ids)})
    return [Room._make(row) for row in rows]


async def with_house(db: Connection, viewer_id: int, room_id: int) -> tuple[Room, House] | None:
    """Give a room that the viewer sees and the house it is in."""
    row = (await db.execute(WITH_HOUSE, {"viewer": viewer_id, "room": room_id})).first()
    if row is None:
        return None
    cut = len(COLUMNS)
    return Room._make(row[:cut]), kept_houses.make_house(row[cut:])


async def pages(db: Connection, house_ids: Collection[int], window: Window) -> dict[int, Page[Room]]:
    """Give a page of each house's rooms, newest first."""
    rooms_there = select(*COLUMNS).where(rooms.c.delete_time.is_(None))
    lists = {house_id: rooms_there.where(rooms.c.house_id == house_id) for house_id in house_ids}
    return await fetch_pages(db, lists, rooms.c.id, window, Room._make, newest_first=True)


async def page_of_all(db: Connection, viewer_id: int, window: Window) -> Page[Room]:
    """Give a page of all the rooms that the viewer sees, newest first."""
    return await fetch_page(db, seen(viewer_id, *COLUMNS), rooms.c.id, window, Room._make, newest_first=True)


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
    return (await db.execute(RAISE_SEQ, {"room": room_id})).scalar_one()
