"""Houses as they are kept, and the one place that says in SQL which of them somebody sees, and what they are there."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, TypeVar, cast

from sqlalchemy import ColumnElement, FromClause, and_, bindparam, insert, null, or_, select, update

from chatgraph.models import House, Look, Page, Seen, Standing, Visibility, Window
from chatgraph.store.pages import Listing, near
from chatgraph.store.rows import AnyRow, AnySelect, Connection, Prepared, among, columns, one
from chatgraph.store.tables import Id, bans, houses, members, mutes

Noun = TypeVar("Noun")

STANDING = (
    members.c.rank.label("viewer_rank"),
    bans.c.id.is_not(None).label("banned"),
    bans.c.end_time.label("ban_end"),
    mutes.c.end_time.label("mute_end"),
)
WORDS = columns(House, houses, null())[:-1]
COLUMNS = (*WORDS, *STANDING)

# Stands for whoever looks, in statements that are built once: they are given `look._asdict()`.
ANYBODY = Look(
    cast("Any", bindparam("user_id", type_=Id)), cast("Any", bindparam("now", type_=bans.c.end_time.type))
)


def make_standing(row: AnyRow | tuple[Any, ...]) -> Standing:
    """Make a standing from `STANDING`."""
    return Standing(*row)


def make_house(row: AnyRow | tuple[Any, ...]) -> House:
    """Make the noun from `COLUMNS`."""
    cut = len(WORDS)
    house = House._make((*row[:cut], make_standing(row[cut:])))
    return house._replace(visibility=Visibility(house.visibility))


def standing_of(look: Look, *wanted: Any) -> AnySelect:
    """Select *wanted* from all houses, `STANDING` among it: what somebody is in each of them."""
    member, ban, mute = (
        (each.c.house_id == houses.c.id) & (each.c.user_id == look.user_id) for each in (members, bans, mutes)
    )
    banned = ban & or_(bans.c.end_time.is_(None), bans.c.end_time > look.now)
    muted = mute & (mutes.c.end_time > look.now)
    joined = houses.outerjoin(members, member).outerjoin(bans, banned).outerjoin(mutes, muted)
    return select(*wanted).select_from(joined).where(houses.c.delete_time.is_(None))


def seen(look: Look, *wanted: Any) -> AnySelect:
    """
    Select *wanted* from the houses of which somebody knows: public ones, and those they are a member of.

    Whatever is looked up by its id is joined to this, together with `STANDING`, by which is decided what is told.
    """
    member = and_(members.c.rank.is_not(None), bans.c.id.is_(None))
    return standing_of(look, *wanted).where(or_(houses.c.visibility == Visibility.PUBLIC.value, member))


def readable(houses_there: AnySelect) -> ColumnElement[bool]:
    """
    Tell whether somebody may look into the one house of those *seen*: they aren't banned from it.

    Whatever is listed is asked for this row by row, so that no list is cut before it is filtered. It isn't joined: a
    database that expects few rows of a join reads and sorts all of them before it gives the first.
    """
    return houses_there.where(bans.c.id.is_(None)).scalar_subquery().is_not(None)


async def find_within(
    db: Connection,
    look: Look,
    table: FromClause,
    wanted: Sequence[ColumnElement[Any]],
    ids: Collection[int],
    make: Callable[[Any], Noun],
) -> list[Seen[Noun]]:
    """Give those of the rows of *table*, which names a house, whose house somebody knows of, in no order."""
    rows = await db.execute(
        seen(look, *wanted, *STANDING).join(table, table.c.house_id == houses.c.id).where(table.c.id.in_(ids))
    )
    cut = len(wanted)
    return [Seen(make(row[:cut]), make_standing(row[cut:])) for row in rows]


FIND = Prepared(seen(ANYBODY, *COLUMNS).where(houses.c.id.in_(among("ids"))))
GET = Prepared(standing_of(ANYBODY, *COLUMNS).where(houses.c.id == one("house")))
OF_ALL = Listing(lambda _: seen(ANYBODY, *COLUMNS), houses.c.id, make_house)
OF_SOME = Listing(
    lambda _: seen(ANYBODY, *COLUMNS).where(houses.c.id.in_(among("ids"))), houses.c.id, make_house
)
OF_EVERY = Listing(lambda _: select(*WORDS).where(houses.c.delete_time.is_(None)), houses.c.id, make_house)


async def find(db: Connection, look: Look, house_ids: Collection[int]) -> list[House]:
    """Give those of the houses of which somebody knows, in no order."""
    rows = await db.fetch(FIND, {"ids": list(house_ids), **look._asdict()})
    return [make_house(row) for row in rows]


async def get(db: Connection, look: Look, house_id: int) -> House | None:
    """Give a house and somebody's standing in it, whether they see it or not."""
    rows = await db.fetch(GET, {"house": house_id, **look._asdict()})
    return make_house(rows[0]) if rows else None


async def page(db: Connection, look: Look, window: Window) -> Page[House]:
    """Give a page of the houses of which somebody knows, oldest first."""
    return await OF_ALL.page(db, window, look._asdict())


async def page_of_some(db: Connection, look: Look, house_ids: Collection[int], window: Window) -> Page[House]:
    """Give a page of those of the houses of which somebody knows, oldest first."""
    return await OF_SOME.page(db, window, {"ids": near(house_ids, window), **look._asdict()})


async def page_of_all(db: Connection, window: Window) -> Page[House]:
    """Give a page of all houses, oldest first, as somebody sees them who is a member of none."""
    return await OF_EVERY.page(db, window, {})


async def exists(db: Connection, house_id: int) -> bool:
    """Tell whether there is such a house, whoever sees it."""
    statement = select(houses.c.id).where(houses.c.id == house_id, houses.c.delete_time.is_(None))
    return (await db.execute(statement)).first() is not None


async def add(
    db: Connection,
    name: str,
    description: str,
    visibility: Visibility,
    accepts_join_requests: bool,
    now: datetime,
) -> int:
    """Keep a new house without members and give its id."""
    row = {"name": name, "description": description, "visibility": visibility.value, "create_time": now}
    adding = insert(houses).values(**row, accepts_join_requests=accepts_join_requests)
    return (await db.execute(adding.returning(houses.c.id))).scalar_one()


async def change(db: Connection, house_id: int, **values: Any) -> None:
    """Set columns of a house."""
    await db.execute(update(houses).where(houses.c.id == house_id).values(**values))
