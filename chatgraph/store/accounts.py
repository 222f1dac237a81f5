"""Users, and the secrets that only accounts see: password hashes, as they are kept."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import insert, or_, select, update

from chatgraph.models import Account, Page, User, Window
from chatgraph.store.pages import Listing
from chatgraph.store.rows import AnyRow, Connection, Prepared, among, columns, made_into
from chatgraph.store.tables import users

COLUMNS = columns(User, users)
MADE = made_into(User)
FIND = Prepared(select(*COLUMNS).where(users.c.id.in_(among("ids"))))
OF_ALL = Listing(lambda _: select(*COLUMNS), users.c.id, MADE)


def _account(row: AnyRow | None) -> Account | None:
    return None if row is None else Account(User._make(row[:-1]), str(row[-1]))


async def find(db: Connection, user_ids: Collection[int]) -> list[User]:
    """Give those of the users that there are, in no order."""
    return list(map(MADE, await db.fetch(FIND, {"ids": list(user_ids)})))


async def by_name(db: Connection, username: str) -> Account | None:
    """Give the account of that name (in its PRECIS form)."""
    statement = select(*COLUMNS, users.c.password_hash).where(users.c.username == username)
    return _account((await db.execute(statement)).first())


async def by_id(db: Connection, user_id: int) -> Account | None:
    """Give the account of that id."""
    statement = select(*COLUMNS, users.c.password_hash).where(users.c.id == user_id)
    return _account((await db.execute(statement)).first())


async def taken_by(db: Connection, username: str, skeleton: str) -> str | None:
    """Give the name that stands in the way of a new one: the same, or one that looks like it."""
    statement = select(users.c.username).where(
        or_(users.c.username == username, users.c.skeleton == skeleton)
    )
    return (await db.execute(statement.limit(1))).scalar_one_or_none()


async def page(db: Connection, window: Window) -> Page[User]:
    """Give a page of all users, oldest first."""
    return await OF_ALL.page(db, window, {})


async def add(
    db: Connection, username: str, skeleton: str, display_name: str, password_hash: str, now: datetime
) -> User:
    """Keep a new user."""
    row = insert(users).values(
        username=username,
        skeleton=skeleton,
        display_name=display_name,
        password_hash=password_hash,
        create_time=now,
    )
    return User._make((await db.execute(row.returning(*COLUMNS))).one())


async def set_deactivated(db: Connection, user_id: int, deactivate_time: datetime | None) -> None:
    """Deactivate a user, or with None reactivate them."""
    await db.execute(update(users).where(users.c.id == user_id).values(deactivate_time=deactivate_time))


async def set_hides_presence(db: Connection, user_id: int, hides: bool) -> None:
    """Let a user hide whether they are there, or show it again."""
    await db.execute(update(users).where(users.c.id == user_id).values(hides_presence=hides))


async def set_password(db: Connection, user_id: int, password_hash: str) -> None:
    """Replace a user's password hash."""
    await db.execute(update(users).where(users.c.id == user_id).values(password_hash=password_hash))
