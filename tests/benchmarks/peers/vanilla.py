"""Strawberry as its documentation says: SQLAlchemy's ORM, a DataLoader, its own view, its parser and validation caches."""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import strawberry
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlmodel import col
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig

from chatgraph.store.tables.accounts import Sessions, Users
from chatgraph.store.tables.houses import Houses, Members, Rooms, Talks
from chatgraph.store.tables.moderation import Bans
from tests.benchmarks.peers.serving import database, serve
from tests.benchmarks.peers.sight import Bearer, read_token


class Context:
    """Who asks, their database session, and the users that are wanted together."""

    def __init__(self, db: AsyncSession, bearer: Bearer) -> None:
        self.db = db
        self.bearer = bearer
        self.users: DataLoader[int, Users] = DataLoader(self._load_users)

    async def _load_users(self, ids: list[int]) -> Sequence[Users]:
        found = await self.db.scalars(select(Users).where(col(Users.id).in_(ids)))
        users = {user.id: user for user in found}
        return [users[id_] for id_ in ids]


Info = strawberry.Info[Context, None]


@strawberry.type
class User:
    id: strawberry.ID
    database_id: int
    username: str
    display_name: str

    @classmethod
    def of(cls, user: Users) -> Self:
        return cls(
            id=_id("User", user.id),
            database_id=user.id or 0,
            username=user.username,
            display_name=user.display_name,
        )


@strawberry.type
class Talk:
    id: strawberry.ID
    database_id: int
    seq: int
    content: str | None
    create_time: datetime
    creator_id: strawberry.Private[int]

    @classmethod
    def of(cls, talk: Talks) -> Self:
        return cls(
            id=_id("Talk", talk.id),
            database_id=talk.id or 0,
            seq=talk.seq,
            content=talk.content,
            create_time=talk.create_time,
            creator_id=talk.creator_id,
        )

    @strawberry.field
    async def creator(self, info: Info) -> User:
        return User.of(await info.context.users.load(self.creator_id))


@strawberry.type
class Edge:
    cursor: str
    node: Talk


@strawberry.type
class PageInfo:
    has_previous_page: bool
    has_next_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type
class TalkConnection:
    edges: list[Edge]
    page_info: PageInfo


@strawberry.type
class Room:
    id: strawberry.ID
    database_id: int

    @strawberry.field
    async def talks(
        self, info: Info, first: int | None = None, after: str | None = None, last: int | None = None
    ) -> TalkConnection:
        size, seq = last or first or 50, 0
        wanted = select(Talks).where(col(Talks.room_id) == self.database_id).limit(size + 1)
        if after is not None:
            seq = _read_id(after, f"talks/{self.database_id}")
            wanted = wanted.where(col(Talks.seq) > seq)
        wanted = wanted.order_by(col(Talks.seq) if last is None else col(Talks.seq).desc())
        talks = list(await info.context.db.scalars(wanted))
        more = len(talks) > size
        talks = talks[:size] if last is None else talks[:size][::-1]
        edges = [
            Edge(cursor=_id(f"talks/{self.database_id}", talk.seq), node=Talk.of(talk)) for talk in talks
        ]
        page_info = PageInfo(
            has_previous_page=seq > 0 if last is None else more,
            has_next_page=more and last is None,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        )
        return TalkConnection(edges=edges, page_info=page_info)


@strawberry.type
class Query:
    @strawberry.field
    async def room(self, info: Info, id: strawberry.ID) -> Room | None:  # noqa: A002
        db, bearer, now = info.context.db, info.context.bearer, datetime.now(UTC)
        session = await db.get(Sessions, bearer.session_id)
        if (
            session is None
            or session.user_id != bearer.user_id
            or session.end_time
            or session.expire_time <= now
        ):
            raise PermissionError("Sign in again.")
        room = await db.get(Rooms, _read_id(id, "Room"))
        house = await db.get(Houses, room.house_id) if room is not None and room.delete_time is None else None
        if room is None or house is None or house.delete_time is not None:
            return None
        mine = select(Members).where(
            col(Members.house_id) == house.id, col(Members.user_id) == bearer.user_id
        )
        if house.visibility != "public" and await db.scalar(mine) is None:
            return None
        banned = select(Bans).where(col(Bans.house_id) == house.id, col(Bans.user_id) == bearer.user_id)
        ends = col(Bans.end_time)
        if await db.scalar(banned.where(or_(ends.is_(None), ends > now))):
            raise PermissionError("A ban is in force.")
        return Room(id=id, database_id=room.id or 0)


class View(GraphQL[Any, Any]):
    """The view, with a context for each request."""

    def __init__(self, schema: strawberry.Schema, path: Path) -> None:
        super().__init__(schema)
        self.sessions = async_sessionmaker(create_async_engine(f"sqlite+aiosqlite:///{path}"))

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        return Context(request.scope["db"], read_token(request.headers.get("authorization")))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self.sessions() as scope["db"]:
            await super().__call__(scope, receive, send)


def _id(noun: str, database_id: int | None) -> strawberry.ID:
    return strawberry.ID(b64encode(f"{noun}:{database_id}".encode()).decode())


def _read_id(text: str, noun: str) -> int:
    named, _, database_id = b64decode(text, validate=True).decode("ascii").partition(":")
    if named != noun:
        raise ValueError(f"This is not the id of a {noun}.")
    return int(database_id)


def _write_time(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


TIME = strawberry.scalar(name="DateTime", serialize=_write_time, parse_value=datetime.fromisoformat)
SCHEMA = strawberry.Schema(
    Query,
    extensions=[ParserCache(), ValidationCache()],  # type: ignore[list-item]
    config=StrawberryConfig(scalar_map={datetime: TIME}),
)

if __name__ == "__main__":
    serve(View(SCHEMA, database()))
