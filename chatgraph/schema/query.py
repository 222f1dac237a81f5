"""The root fields of queries. What the viewer doesn't see is NOT_FOUND."""

import asyncio
from typing import Annotated

import strawberry

from chatgraph.errors import Invalid
from chatgraph.operations import accounts, houses, rooms, sessions, talks
from chatgraph.schema.context import Info
from chatgraph.schema.ids import read_id, split_id
from chatgraph.schema.loaders import Part
from chatgraph.schema.pages import (
    LARGEST_SIZE,
    After,
    Before,
    Connection,
    First,
    Last,
    dress_page,
    read_window,
)
from chatgraph.schema.types import (
    House,
    Node,
    Room,
    Session,
    Talk,
    User,
    dress_house,
    dress_member,
    dress_room,
    dress_rooms,
    dress_session,
    dress_talk,
    dress_talks,
    dress_user,
)


def _id(noun: str) -> object:
    return strawberry.argument(description=f"The `id` of a {noun}.")


@strawberry.type(description="What can be asked. All that one query asks is read at the same moment.")
class Query:
    @strawberry.field(description="Who is asking; null for who isn't signed in.")
    async def viewer(self, info: Info) -> User | None:
        viewer = info.context.viewer
        if viewer.user_id is None and viewer.refusal is None:
            return None
        return dress_user(await info.context.load.user.load(viewer.known()))

    @strawberry.field(description="Any node by its id.")
    async def node(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The `id` of any node.")],
    ) -> Node | None:
        return await _find(info, id, "id")

    @strawberry.field(description="Several nodes by their ids, in that order; what isn't found is null.")
    async def nodes(
        self,
        info: Info,
        ids: Annotated[
            list[strawberry.ID], strawberry.argument(description="At most 100 `id`s of any nodes.")
        ],
    ) -> list[Node | None]:
        if len(ids) > LARGEST_SIZE:
            raise Invalid(f"`ids` must be at most {LARGEST_SIZE}; these are {len(ids)}.", "ids")
        return await asyncio.gather(*(_find(info, id, "ids") for id in ids), return_exceptions=True)  # type: ignore[return-value]

    @strawberry.field(description="A house by its id.")
    async def house(self, info: Info, id: Annotated[strawberry.ID, _id("House")]) -> House | None:
        return dress_house(await info.context.load.house.load(read_id(id, "House", "id")))

    @strawberry.field(description="A room by its id.")
    async def room(self, info: Info, id: Annotated[strawberry.ID, _id("Room")]) -> Room | None:
        return dress_room(await info.context.load.room.load(read_id(id, "Room", "id")))

    @strawberry.field(description="A talk by its id.")
    async def talk(self, info: Info, id: Annotated[strawberry.ID, _id("Talk")]) -> Talk | None:
        return dress_talk(await info.context.load.talk.load(read_id(id, "Talk", "id")))

    @strawberry.field(description="A user by their name, in any case.")
    async def user(
        self, info: Info, username: Annotated[str, strawberry.argument(description="Their username.")]
    ) -> User | None:
        return dress_user(await info.context.ask(accounts.find_user, username))

    @strawberry.field(description="The houses that the viewer sees, oldest first.")
    async def houses(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[House]:
        page = await info.context.ask(houses.list_houses, read_window("houses", first, after, last, before))
        return dress_page(
            page, "houses", [dress_house(one) for one in page.items], [one.id for one in page.items]
        )

    @strawberry.field(description="The rooms that the viewer sees, of one house or of all, newest first.")
    async def rooms(
        self,
        info: Info,
        house_id: Annotated[strawberry.ID | None, _id("House")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Room]:
        if house_id is None:
            window = read_window("rooms", first, after, last, before)
            return dress_rooms(await info.context.ask(rooms.list_all_rooms, window), None)
        key = read_id(house_id, "House", "houseId")
        window = read_window(f"rooms/{key}", first, after, last, before)
        return dress_rooms(await info.context.load.rooms.load(Part(key, window)), key)

    @strawberry.field(description="The talks that the viewer sees, of one room or of all, oldest first.")
    async def talks(
        self,
        info: Info,
        room_id: Annotated[strawberry.ID | None, _id("Room")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Talk]:
        if room_id is None:
            window = read_window("talks", first, after, last, before)
            return dress_talks(await info.context.ask(talks.list_all_talks, window), None)
        key = read_id(room_id, "Room", "roomId")
        window = read_window(f"talks/{key}", first, after, last, before)
        return dress_talks(await info.context.load.talks.load(Part(key, window)), key)

    @strawberry.field(description="The viewer's own sessions that go on, newest first.")
    async def sessions(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Session]:
        page = await info.context.ask(
            sessions.list_sessions, read_window("sessions", first, after, last, before)
        )
        current = info.context.viewer.session_id
        dressed = [dress_session(one, current) for one in page.items]
        return dress_page(page, "sessions", dressed, [one.id for one in page.items])


async def _find(info: Info, id: str, field: str) -> Node:
    noun, key = split_id(id, field)
    load = info.context.load
    match noun:
        case "User":
            return dress_user(await load.user.load(key))
        case "House":
            return dress_house(await load.house.load(key))
        case "Member":
            return dress_member(await load.member.load(key))
        case "Room":
            return dress_room(await load.room.load(key))
        case "Talk":
            return dress_talk(await load.talk.load(key))
        case "Session":
            return dress_session(await load.session.load(key), info.context.viewer.session_id)
    raise Invalid(f"`{field}` is not an id: there are no nodes called {noun}.", field)
