"""Invites as they are kept: by the digest of their code, with how often they were used."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import insert, or_, select, update

from chatgraph.models import Invite, Look, Page, Seen, Window
from chatgraph.store.houses import find_within
from chatgraph.store.pages import Listing
from chatgraph.store.rows import Connection, columns
from chatgraph.store.tables import invites

COLUMNS = columns(Invite, invites)
OF_HOUSE = Listing(
    lambda house: select(*COLUMNS).where(invites.c.house_id == house),
    invites.c.id,
    Invite._make,
    newest_first=True,
)


async def find(db: Connection, look: Look, invite_ids: Collection[int]) -> list[Seen[Invite]]:
    """Give those of the invites to houses of which somebody knows, in no order."""
    return await find_within(db, look, invites, COLUMNS, invite_ids, Invite._make)


async def pages(db: Connection, house_ids: Collection[int], window: Window) -> dict[int, Page[Invite]]:
    """Give a page of each house's invites, newest first, with those that are over."""
    return await OF_HOUSE.pages(db, house_ids, window)


async def by_digest(db: Connection, digest: bytes) -> Invite | None:
    """Give the invite whose code has this digest, also when it is over."""
    row = (await db.execute(select(*COLUMNS).where(invites.c.digest == digest))).first()
    return None if row is None else Invite._make(row)


async def add(
    db: Connection,
    digest: bytes,
    house_id: int,
    creator_id: int,
    now: datetime,
    expire_time: datetime,
    most_uses: int | None,
) -> Invite:
    """Keep a new invite."""
    row = {"digest": digest, "house_id": house_id, "creator_id": creator_id, "create_time": now}
    adding = insert(invites).values(**row, expire_time=expire_time, most_uses=most_uses)
    return Invite._make((await db.execute(adding.returning(*COLUMNS))).one())


async def use(db: Connection, invite_id: int) -> bool:
    """Count one use. Give whether there was one left: two at once can't have the last."""
    left = or_(invites.c.most_uses.is_(None), invites.c.uses < invites.c.most_uses)
    using = update(invites).where(invites.c.id == invite_id, left).values(uses=invites.c.uses + 1)
    return (await db.execute(using)).rowcount == 1


async def revoke(db: Connection, invite_id: int, now: datetime) -> None:
    """End an invite."""
    await db.execute(update(invites).where(invites.c.id == invite_id).values(revoke_time=now))


async def revoke_of(db: Connection, creator_id: int, now: datetime, *, house_id: int | None = None) -> None:
    """End all invites that somebody made, to one house or to all."""
    ending = update(invites).where(invites.c.creator_id == creator_id, invites.c.revoke_time.is_(None))
    if house_id is not None:
        ending = ending.where(invites.c.house_id == house_id)
    await db.execute(ending.values(revoke_time=now))
