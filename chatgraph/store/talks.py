"""Talks as they are kept, seen only through the rooms they are in."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from chatgraph.models import House, Look, Page, Room, Seen, Talk, Window
from chatgraph.store import houses as kept_houses
from chatgraph.store import rooms as kept_rooms
from chatgraph.store.pages import Listing
from chatgraph.store.rows import AnySelect, Connection, Prepared, among, columns, made_into, one
from chatgraph.store.tables import rooms, talks

COLUMNS = columns(Talk, talks)


def _in(rooms_there: AnySelect) -> AnySelect:
    """Go on from rooms to the talks in them."""
    return rooms_there.join(talks, talks.c.room_id == rooms.c.id)


ANYBODY = kept_houses.ANYBODY
FIND = Prepared(
    _in(kept_rooms.seen(ANYBODY, *COLUMNS, *kept_houses.STANDING)).where(talks.c.id.in_(among("ids")))
)
WITH_ROOM = Prepared(
    _in(kept_rooms.seen(ANYBODY, *COLUMNS, *kept_rooms.COLUMNS, *kept_houses.COLUMNS)).where(
        talks.c.id == one("talk")
    )
)
OF_ROOM = Listing(
    lambda room: select(*COLUMNS).where(talks.c.room_id == room), talks.c.seq, made_into(Talk), counts=True
)
IN_READABLE = kept_houses.readable(kept_rooms.seen(ANYBODY, rooms.c.id).where(rooms.c.id == talks.c.room_id))
OF_ALL = Listing(lambda _: select(*COLUMNS).where(IN_READABLE), talks.c.id, made_into(Talk))
SPAN = Prepared(
    select(*COLUMNS)
    .where(talks.c.room_id == one("room"), talks.c.seq.between(one("first"), one("last")))
    .order_by(talks.c.seq)
)
BY_CLIENT_KEY = Prepared(
    select(*COLUMNS).where(
        talks.c.room_id == one("room"),
        talks.c.creator_id == one("creator"),
        talks.c.client_key == bindparam("key"),
    )
)
ADD = Prepared(
    insert(talks).returning(talks.c.id),
    ("room_id", "seq", "content", "creator_id", "client_key", "create_time"),
)


async def find(db: Connection, look: Look, talk_ids: Collection[int]) -> list[Seen[Talk]]:
    """Give those of the talks in houses of which somebody knows, in no order."""
    rows = await db.fetch(FIND, {"ids": list(talk_ids), **look._asdict()})
    cut = len(COLUMNS)
    return [Seen(Talk._make(row[:cut]), kept_houses.make_standing(row[cut:])) for row in rows]


async def with_room(db: Connection, look: Look, talk_id: int) -> tuple[Talk, Room, House] | None:
    """Give a talk in a house of which somebody knows, its room and its house."""
    rows = await db.fetch(WITH_ROOM, {"talk": talk_id, **look._asdict()})
    if not rows:
        return None
    [row] = rows
    first, second = len(COLUMNS), len(COLUMNS) + len(kept_rooms.COLUMNS)
    house = kept_houses.make_house(row[second:])
    return Talk._make(row[:first]), Room._make(row[first:second]), house


async def pages(db: Connection, room_ids: Collection[int], window: Window) -> dict[int, Page[Talk]]:
    """Give a page of each room's talks by seq, oldest first, tombstones among them."""
    return await OF_ROOM.pages(db, room_ids, window)


async def span(db: Connection, room_id: int, first: int, last: int) -> list[Talk]:
    """Give a room's talks from one seq to another, tombstones among them."""
    rows = await db.fetch(SPAN, {"room": room_id, "first": first, "last": last})
    return list(map(OF_ROOM.make, rows))


async def page_of_all(db: Connection, look: Look, window: Window) -> Page[Talk]:
    """Give a page of all talks that somebody may read by id, oldest first, tombstones among them."""
    return await OF_ALL.page(db, window, look._asdict())


async def by_client_key(db: Connection, room_id: int, creator_id: int, client_key: str) -> Talk | None:
    """Give the talk that its author posted into the room under this key."""
    key = {"room": room_id, "creator": creator_id, "key": client_key}
    rows = await db.fetch(BY_CLIENT_KEY, key)
    return Talk._make(rows[0]) if rows else None


async def add(
    db: Connection,
    room_id: int,
    seq: int,
    content: str,
    creator_id: int,
    client_key: str | None,
    now: datetime,
) -> Talk:
    """Keep a new talk."""
    row = {
        "room_id": room_id,
        "seq": seq,
        "content": content,
        "creator_id": creator_id,
        "client_key": client_key,
        "create_time": now,
    }
    [(talk_id,)] = await db.fetch(ADD, row)
    return Talk(talk_id, room_id, seq, content, creator_id, now, None, None)


async def change(db: Connection, talk_id: int, **values: Any) -> Talk:
    """Set columns of a talk and give it as it is now."""
    changed = update(talks).where(talks.c.id == talk_id).values(**values)
    return Talk._make((await db.execute(changed.returning(*COLUMNS))).one())


async def remove_recent(
    db: Connection, house_id: int, creator_id: int, since: datetime, now: datetime
) -> list[tuple[int, int]]:
    """Remove what somebody said in a house *since* then. Give the ids of those talks and their rooms, oldest first."""
    theirs = (
        select(talks.c.id)
        .join(rooms, rooms.c.id == talks.c.room_id)
        .where(rooms.c.house_id == house_id, rooms.c.delete_time.is_(None), talks.c.creator_id == creator_id)
        .where(talks.c.create_time > since, talks.c.remove_time.is_(None))
    )
    removing = update(talks).where(talks.c.id.in_(theirs)).values(content=None, remove_time=now)
    return sorted(
        (talk_id, room_id)
        for talk_id, room_id in await db.execute(removing.returning(talks.c.id, talks.c.room_id))
    )
