"""Houses as they are kept, and the one place that says in SQL which of them somebody sees."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, insert, null, or_, select, update

from chatgraph.models import House, Page, Visibility, Window
from chatgraph.store.rows import AnyRow, AnySelect, Connection, columns, fetch_page
from chatgraph.store.tables import houses, members

COLUMNS = columns(House, houses, members.c.rank)


def make_house(row: AnyRow | tuple[Any, ...]) -> House:
    """Make the noun from `COLUMNS`."""
    house = House._make(row)
    return house._replace(visibility=Visibility(house.visibility))


def seen(viewer_id: int | ColumnElement[int], *wanted: Any) -> AnySelect:
    """
    Select *wanted* from the houses that the viewer sees: public ones, and those they are a member of.

    Everything that somebody reads in a house is joined to this, so that no list is cut before it is filtered.
    """
    membership = and_(members.c.house_id == houses.c.id, members.c.user_id == viewer_id)
    return (
        select(*wanted)
        .select_from(houses.outerjoin(members, membership))
        .where(houses.c.delete_time.is_(None))
        .where(or_(houses.c.visibility == Visibility.PUBLIC.value, members.c.rank.is_not(None)))
    )


async def find(db: Connection, viewer_id: int, house_ids: Collection[int]) -> list[House]:
    """Give those of the houses that the viewer sees, in no order."""
    rows = await db.execute(seen(viewer_id, *COLUMNS).where(houses.c.id.in_(house_ids)))
    return [make_house(row) for row in rows]


async def page(db: Connection, viewer_id: int, window: Window) -> Page[House]:
    """Give a page of the houses that the viewer sees, oldest first."""
    return await fetch_page(db, seen(viewer_id, *COLUMNS), houses.c.id, window, make_house)


async def page_of_all(db: Connection, window: Window) -> Page[House]:
    """Give a page of all houses, oldest first, as somebody sees them who is a member of none."""
    statement = select(*COLUMNS[:-1], null()).where(houses.c.delete_time.is_(None))
    return await fetch_page(db, statement, houses.c.id, window, make_house)


async def exists(db: Connection, house_id: int) -> bool:
    """Tell whether there is such a house, whoever sees it."""
    statement = select(houses.c.id).where(houses.c.id == house_id, houses.c.delete_time.is_(None))
    return (await db.execute(statement)).first() is not None


async def add(db: Connection, name: str, description: str, visibility: Visibility, now: datetime) -> int:
    """Keep a new house without members and give its id."""
    row = insert(houses).values(
        name=name, description=description, visibility=visibility.value, create_time=now
    )
    return (await db.execute(row.returning(houses.c.id))).scalar_one()


async def change(db: Connection, house_id: int, **values: Any) -> None:
    """Set columns of a house."""
    await db.execute(update(houses).where(houses.c.id == house_id).values(**values))
