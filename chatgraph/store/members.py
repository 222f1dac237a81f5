"""Who belongs to which house. The house's `member_count` is kept in step here and nowhere else."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from chatgraph.models import Member, Page, Window
from chatgraph.store.houses import seen
from chatgraph.store.rows import Connection, columns, fetch_pages
from chatgraph.store.tables import houses, members

COLUMNS = columns(Member, members)


async def find(db: Connection, viewer_id: int, member_ids: Collection[int]) -> list[Member]:
    """Give those of the members whose house the viewer sees, in no order."""
    them = members.alias()
    visible = seen(viewer_id, *columns(Member, them)).join(them, them.c.house_id == houses.c.id)
    return [Member._make(row) for row in await db.execute(visible.where(them.c.id.in_(member_ids)))]


async def pages(db: Connection, house_ids: Collection[int], window: Window) -> dict[int, Page[Member]]:
    """Give a page of each house's members, longest in the house first."""
    lists = {house_id: select(*COLUMNS).where(members.c.house_id == house_id) for house_id in house_ids}
    return await fetch_pages(db, lists, members.c.id, window, Member._make)


async def get(db: Connection, house_id: int, user_id: int) -> Member | None:
    """Give a user's membership of a house."""
    where = (members.c.house_id == house_id) & (members.c.user_id == user_id)
    row = (await db.execute(select(*COLUMNS).where(where))).first()
    return None if row is None else Member._make(row)


async def owner(db: Connection, house_id: int) -> Member | None:
    """Give the house's owner; the first house of a new server has none until it is handed over."""
    where = (members.c.house_id == house_id) & (members.c.rank == 100)
    row = (await db.execute(select(*COLUMNS).where(where))).first()
    return None if row is None else Member._make(row)


async def add(db: Connection, house_id: int, user_id: int, rank: int, now: datetime) -> Member:
    """Make a user a member of a house."""
    row = insert(members).values(house_id=house_id, user_id=user_id, rank=rank, join_time=now)
    added = Member._make((await db.execute(row.returning(*COLUMNS))).one())
    await _count(db, house_id, 1)
    return added


async def set_rank(db: Connection, member_id: int, rank: int) -> None:
    """Give a member another rank."""
    await db.execute(update(members).where(members.c.id == member_id).values(rank=rank))


async def take_out(db: Connection, member: Member) -> None:
    """End a membership."""
    await db.execute(delete(members).where(members.c.id == member.id))
    await _count(db, member.house_id, -1)


async def _count(db: Connection, house_id: int, change: int) -> None:
    count = houses.c.member_count + change
    await db.execute(update(houses).where(houses.c.id == house_id).values(member_count=count))
