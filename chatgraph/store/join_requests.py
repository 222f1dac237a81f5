"""Join requests as they are kept: one of each user to each house, the newest."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from chatgraph.models import JoinRequest, Look, Page, RequestState, Seen, Window
from chatgraph.store.houses import find_within
from chatgraph.store.pages import Listing
from chatgraph.store.rows import AnyRow, Connection, columns, one
from chatgraph.store.tables import join_requests

COLUMNS = columns(JoinRequest, join_requests)


def _make(row: AnyRow | tuple[Any, ...]) -> JoinRequest:
    request = JoinRequest._make(row)
    return request._replace(state=RequestState(request.state))


WAITING = select(*COLUMNS).where(join_requests.c.state == RequestState.PENDING.value)
OF_HOUSE = Listing(lambda house: WAITING.where(join_requests.c.house_id == house), join_requests.c.id, _make)
OF_USER = Listing(
    lambda _: select(*COLUMNS).where(join_requests.c.user_id == one("user")),
    join_requests.c.id,
    _make,
    newest_first=True,
)


async def find(db: Connection, look: Look, request_ids: Collection[int]) -> list[Seen[JoinRequest]]:
    """Give those of the requests to houses of which somebody knows, in no order."""
    return await find_within(db, look, join_requests, COLUMNS, request_ids, _make)


async def find_own(db: Connection, user_id: int, request_ids: Collection[int]) -> list[JoinRequest]:
    """Give those of the requests that a user made, in no order."""
    own = select(*COLUMNS).where(join_requests.c.id.in_(request_ids), join_requests.c.user_id == user_id)
    return [_make(row) for row in await db.execute(own)]


async def pages(db: Connection, house_ids: Collection[int], window: Window) -> dict[int, Page[JoinRequest]]:
    """Give a page of the requests to each house that wait to be decided, oldest first."""
    return await OF_HOUSE.pages(db, house_ids, window)


async def page_of_own(db: Connection, user_id: int, window: Window) -> Page[JoinRequest]:
    """Give a page of a user's own requests, newest first."""
    return await OF_USER.page(db, window, {"user": user_id})


async def get(db: Connection, house_id: int, user_id: int) -> JoinRequest | None:
    """Give a user's request to a house."""
    theirs = select(*COLUMNS).where(join_requests.c.house_id == house_id, join_requests.c.user_id == user_id)
    row = (await db.execute(theirs)).first()
    return None if row is None else _make(row)


async def add(db: Connection, house_id: int, user_id: int, message: str, now: datetime) -> JoinRequest:
    """Keep a new request in the place of an earlier one."""
    await forget(db, house_id, user_id)
    row = {"house_id": house_id, "user_id": user_id, "message": message, "create_time": now}
    adding = insert(join_requests).values(**row, state=RequestState.PENDING.value)
    return _make((await db.execute(adding.returning(*COLUMNS))).one())


async def settle(db: Connection, house_id: int, user_id: int, state: RequestState, now: datetime) -> None:
    """Note what became of a user's request to a house, if one waits."""
    waiting = update(join_requests).where(
        join_requests.c.house_id == house_id,
        join_requests.c.user_id == user_id,
        join_requests.c.state == RequestState.PENDING.value,
    )
    await db.execute(waiting.values(state=state.value, decide_time=now))


async def forget(db: Connection, house_id: int, user_id: int) -> None:
    """Take a user's request to a house away, if there is one."""
    theirs = (join_requests.c.house_id == house_id) & (join_requests.c.user_id == user_id)
    await db.execute(delete(join_requests).where(theirs))
