"""Who may not come into which house, and who may not speak there. What has ended counts as if it never was."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, delete, insert, or_, select

from chatgraph.models import Ban, Look, Page, Seen, Window
from chatgraph.store.houses import ANYBODY, find_within
from chatgraph.store.pages import Listing
from chatgraph.store.rows import AnySelect, Connection, columns
from chatgraph.store.tables import bans, mutes

# Those who are banned, where the `bans` of the statement are those of who looks.
THEIRS = bans.alias()
COLUMNS = columns(Ban, THEIRS)


def _in_force(statement: AnySelect, now: datetime | ColumnElement[datetime]) -> AnySelect:
    return statement.where(or_(THEIRS.c.end_time.is_(None), THEIRS.c.end_time > now))


IN_FORCE = _in_force(select(*COLUMNS), ANYBODY.now)
OF_HOUSE = Listing(
    lambda house: IN_FORCE.where(THEIRS.c.house_id == house),
    THEIRS.c.id,
    Ban._make,
    newest_first=True,
)


async def find(db: Connection, look: Look, ban_ids: Collection[int]) -> list[Seen[Ban]]:
    """Give those of the bans from houses of which somebody knows, in no order."""
    found = await find_within(db, look, THEIRS, COLUMNS, ban_ids, Ban._make)
    return [seen for seen in found if seen.noun.end_time is None or seen.noun.end_time > look.now]


async def pages(
    db: Connection, house_ids: Collection[int], window: Window, now: datetime
) -> dict[int, Page[Ban]]:
    """Give a page of each house's bans, newest first."""
    return await OF_HOUSE.pages(db, house_ids, window, {"now": now})


async def get(db: Connection, house_id: int, user_id: int, now: datetime) -> Ban | None:
    """Give the ban of a user from a house."""
    theirs = select(*COLUMNS).where(THEIRS.c.house_id == house_id, THEIRS.c.user_id == user_id)
    row = (await db.execute(_in_force(theirs, now))).first()
    return None if row is None else Ban._make(row)


async def ban(
    db: Connection,
    house_id: int,
    user_id: int,
    creator_id: int,
    reason: str,
    now: datetime,
    end_time: datetime | None,
) -> Ban:
    """Ban a user from a house; this takes the place of an earlier ban."""
    await unban(db, house_id, user_id)
    row = {"house_id": house_id, "user_id": user_id, "creator_id": creator_id, "reason": reason}
    adding = insert(bans).values(**row, create_time=now, end_time=end_time)
    return Ban._make((await db.execute(adding.returning(*columns(Ban, bans)))).one())


async def unban(db: Connection, house_id: int, user_id: int) -> None:
    """End a user's ban, if there is one."""
    await db.execute(delete(bans).where(bans.c.house_id == house_id, bans.c.user_id == user_id))


async def mute(db: Connection, house_id: int, user_id: int, end_time: datetime) -> None:
    """Silence a user in a house; this takes the place of an earlier mute."""
    await unmute(db, house_id, user_id)
    await db.execute(insert(mutes).values(house_id=house_id, user_id=user_id, end_time=end_time))


async def unmute(db: Connection, house_id: int, user_id: int) -> None:
    """End a user's mute, if there is one."""
    await db.execute(delete(mutes).where(mutes.c.house_id == house_id, mutes.c.user_id == user_id))
