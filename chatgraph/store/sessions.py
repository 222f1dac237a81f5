"""Sessions and the digests of their refresh tokens, as they are kept."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, delete, insert, select, update

from chatgraph.models import Page, Session, Window
from chatgraph.store.pages import Listing
from chatgraph.store.rows import Connection, Prepared, among, columns, in_parts, one
from chatgraph.store.tables import refresh_tokens, sessions

COLUMNS = columns(Session, sessions)


def goes_on(now: Any) -> ColumnElement[bool]:
    """Tell whether a session goes on *now*, which is a time or stands for one."""
    return and_(sessions.c.end_time.is_(None), sessions.c.expire_time > now)


# The user's sessions that go on.
GOING_ON = select(*COLUMNS).where(sessions.c.user_id == one("user"), goes_on(bindparam("now")))
FIND = Prepared(GOING_ON.where(sessions.c.id.in_(among("ids"))))
ALIVE = Prepared(select(sessions.c.id).where(sessions.c.id.in_(among("ids")), goes_on(bindparam("now"))))
OF_USER = Listing(lambda _: GOING_ON, sessions.c.id, Session._make, newest_first=True)


class RefreshToken(NamedTuple):
    """A refresh token as far as it is kept, and the session it belongs to while that goes on."""

    use_time: datetime | None
    session: Session


async def open_session(
    db: Connection, user_id: int, agent: str, now: datetime, expire_time: datetime
) -> Session:
    """Keep a new session."""
    row = insert(sessions).values(
        user_id=user_id, agent=agent, create_time=now, use_time=now, expire_time=expire_time
    )
    return Session._make((await db.execute(row.returning(*COLUMNS))).one())


async def find(db: Connection, user_id: int, session_ids: Collection[int], now: datetime) -> list[Session]:
    """Give those of the sessions that are the user's and go on, in no order."""
    rows = await db.fetch(FIND, {"user": user_id, "now": now, "ids": list(session_ids)})
    return [Session._make(row) for row in rows]


async def page(db: Connection, user_id: int, now: datetime, window: Window) -> Page[Session]:
    """Give a page of the user's sessions that go on, newest first."""
    return await OF_USER.page(db, window, {"user": user_id, "now": now})


async def end(
    db: Connection, user_id: int, now: datetime, *, only: int | None = None, keep: int | None = None
) -> int:
    """End the user's sessions that go on: all of them, *only* one, or all but the one to *keep*. Give how many."""
    ending = update(sessions).where(sessions.c.user_id == user_id, sessions.c.end_time.is_(None))
    if only is not None:
        ending = ending.where(sessions.c.id == only)
    if keep is not None:
        ending = ending.where(sessions.c.id != keep)
    return (await db.execute(ending.values(end_time=now))).rowcount


async def touch(db: Connection, session_id: int, now: datetime, expire_time: datetime) -> None:
    """Note that a session was used, and until when that keeps it alive."""
    used = update(sessions).where(sessions.c.id == session_id)
    await db.execute(used.values(use_time=now, expire_time=expire_time))


async def add_token(db: Connection, digest: bytes, session_id: int) -> None:
    """Keep a refresh token's digest."""
    await db.execute(insert(refresh_tokens).values(digest=digest, session_id=session_id))


async def token(db: Connection, digest: bytes, now: datetime) -> RefreshToken | None:
    """Give the refresh token with that digest, if its session goes on."""
    statement = (
        select(refresh_tokens.c.use_time, *COLUMNS)
        .join(sessions, sessions.c.id == refresh_tokens.c.session_id)
        .where(refresh_tokens.c.digest == digest)
        .where(goes_on(now))
    )
    row = (await db.execute(statement)).first()
    return None if row is None else RefreshToken(row[0], Session._make(row[1:]))


async def use_token(db: Connection, digest: bytes, now: datetime) -> None:
    """Note that a refresh token was exchanged for its successor."""
    await db.execute(update(refresh_tokens).where(refresh_tokens.c.digest == digest).values(use_time=now))


async def forget_expired(db: Connection, now: datetime, most: int) -> int:
    """Take away up to *most* sessions that expired, and their tokens. Give how many went."""
    gone = select(sessions.c.id).where(sessions.c.expire_time <= now).limit(most).scalar_subquery()
    await db.execute(delete(refresh_tokens).where(refresh_tokens.c.session_id.in_(gone)))
    return (await db.execute(delete(sessions).where(sessions.c.id.in_(gone)))).rowcount


async def alive(db: Connection, session_ids: Collection[int], now: datetime) -> set[int]:
    """Give those of the sessions that go on, whoever's they are."""
    going_on: set[int] = set()
    for ids in in_parts(session_ids):
        going_on.update(row[0] for row in await db.fetch(ALIVE, {"ids": ids, "now": now}))
    return going_on
