"""Who belongs to which house. The house's `member_count` is kept in step here and nowhere else."""

from collections.abc import Collection, Set
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, delete, insert, select, update

from chatgraph.models import Look, Member, Membership, Page, Rank, Seen, Window
from chatgraph.store.houses import ANYBODY, STANDING, make_standing, seen
from chatgraph.store.pages import Listing
from chatgraph.store.rows import AnySelect, Connection, Prepared, columns, one
from chatgraph.store.tables import houses, members, mutes, users

# Those who are looked at, where the `members` of the statement are those who look.
THEM, THEIR_MUTES = members.alias(), mutes.alias()
LOOKED_AT = columns(Member, THEM, THEIR_MUTES.c.end_time)


def _muted(member: FromClause, now: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    """Join a member's mute as long as it lasts."""
    theirs = and_(THEIR_MUTES.c.house_id == member.c.house_id, THEIR_MUTES.c.user_id == member.c.user_id)
    return and_(theirs, THEIR_MUTES.c.end_time > now)


def _of(house: Any) -> AnySelect:
    """Select a house's members."""
    joined = THEM.outerjoin(THEIR_MUTES, _muted(THEM, ANYBODY.now))
    return select(*LOOKED_AT).select_from(joined).where(THEM.c.house_id == house)


OF_HOUSE = Listing(_of, THEM.c.id, Member._make)
GET = Prepared(_of(one("house")).where(THEM.c.user_id == one("user")))
OWNER = Prepared(_of(one("house")).where(THEM.c.rank == Rank.OWNER.value))


async def find(db: Connection, look: Look, member_ids: Collection[int]) -> list[Seen[Member]]:
    """Give those of the members of houses of which somebody knows, in no order."""
    return await _find(db, look, THEM.c.id.in_(member_ids))


async def find_of(db: Connection, look: Look, memberships: Set[Membership]) -> list[Seen[Member]]:
    """Give the members who have those of the memberships of houses of which somebody knows, in no order."""
    # SQLite looks pairs up by scanning; by each half it uses the index, and finds a few more.
    house_ids = {house_id for house_id, _ in memberships}
    user_ids = {user_id for _, user_id in memberships}
    found = await _find(db, look, and_(THEM.c.house_id.in_(house_ids), THEM.c.user_id.in_(user_ids)))
    return [each for each in found if (each.noun.house_id, each.noun.user_id) in memberships]


async def _find(db: Connection, look: Look, wanted: ColumnElement[bool]) -> list[Seen[Member]]:
    visible = (
        seen(look, *LOOKED_AT, *STANDING)
        .join(THEM, THEM.c.house_id == houses.c.id)
        .outerjoin(THEIR_MUTES, _muted(THEM, look.now))
    )
    cut = len(LOOKED_AT)
    rows = await db.execute(visible.where(wanted))
    return [Seen(Member._make(row[:cut]), make_standing(row[cut:])) for row in rows]


async def pages(
    db: Connection, house_ids: Collection[int], window: Window, now: datetime
) -> dict[int, Page[Member]]:
    """Give a page of each house's members, longest in the house first."""
    return await OF_HOUSE.pages(db, house_ids, window, {"now": now})


async def get(db: Connection, house_id: int, user_id: int, now: datetime) -> Member | None:
    """Give a user's membership of a house."""
    rows = await db.fetch(GET, {"house": house_id, "user": user_id, "now": now})
    return Member._make(rows[0]) if rows else None


async def houses_of(db: Connection, user_id: int) -> list[int]:
    """Give the houses that a user is a member of, in no order."""
    return list((await db.execute(select(members.c.house_id).where(members.c.user_id == user_id))).scalars())


async def shown(db: Connection, house_id: int, user_ids: Collection[int]) -> list[int]:
    """Give those of the users who are members of a house and don't hide that they are there."""
    statement = (
        select(members.c.user_id)
        .join(users, users.c.id == members.c.user_id)
        .where(members.c.house_id == house_id, members.c.user_id.in_(user_ids))
        .where(users.c.hides_presence.is_(False))
    )
    return list((await db.execute(statement)).scalars())


async def owner(db: Connection, house_id: int, now: datetime) -> Member | None:
    """Give the house's owner; the first house of a new server has none until it is handed over."""
    rows = await db.fetch(OWNER, {"house": house_id, "now": now})
    return Member._make(rows[0]) if rows else None


async def add(db: Connection, house_id: int, user_id: int, rank: int, now: datetime) -> None:
    """Make a user a member of a house."""
    await db.execute(insert(members).values(house_id=house_id, user_id=user_id, rank=rank, join_time=now))
    await _count(db, house_id, 1)


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
