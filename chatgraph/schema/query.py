"""The root fields of queries. What the viewer doesn't see is NOT_FOUND, in the words for what never was."""

import asyncio
from typing import Annotated

import strawberry

from chatgraph.errors import Invalid
from chatgraph.executor import kept_by
from chatgraph.operations import accounts, houses, invites, join_requests, rooms, sessions, talks
from chatgraph.schema.context import Info
from chatgraph.schema.enums import Registration
from chatgraph.schema.ids import read_id, split_id
from chatgraph.schema.kept import of_room_named
from chatgraph.schema.loaders import Part
from chatgraph.schema.pages import (
    LARGEST_SIZE,
    After,
    Before,
    Connection,
    First,
    Last,
    read_window,
    show_page,
)
from chatgraph.schema.types import House, InvitePreview, JoinRequest, Node, Room, Session, Talk, User, show
from chatgraph.schema.types.invites import dress_preview


def _id(noun: str) -> object:
    return strawberry.argument(description=f"The `id` of a {noun}.")


@strawberry.type(description="What can be asked. All that one query asks is read at the same moment.")
class Query:
    @strawberry.field(description="Who is asking; null for who isn't signed in.")
    async def viewer(self, info: Info) -> User | None:
        viewer = info.context.viewer
        if viewer.user_id is None and viewer.refusal is None:
            return None
        return show(await info.context.load.user.one(viewer.known()))

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
        return show(await info.context.load.house.one(read_id(id, "House", "id")))

    @strawberry.field(description="A room by its id.", metadata=kept_by(of_room_named("id")))
    async def room(self, info: Info, id: Annotated[strawberry.ID, _id("Room")]) -> Room | None:
        return show(await info.context.load.room.one(read_id(id, "Room", "id")))

    @strawberry.field(description="A talk by its id.")
    async def talk(self, info: Info, id: Annotated[strawberry.ID, _id("Talk")]) -> Talk | None:
        return show(await info.context.load.talk.one(read_id(id, "Talk", "id")))

    @strawberry.field(description="A user by their name, in any case.")
    async def user(
        self, info: Info, username: Annotated[str, strawberry.argument(description="Their username.")]
    ) -> User | None:
        return show(await info.context.ask(accounts.find_user, username))

    @strawberry.field(
        description="What an invite leads to, before it is accepted. Once it is over, it is NOT_FOUND."
    )
    async def invite(
        self, info: Info, code: Annotated[str, strawberry.argument(description="The invite's code.")]
    ) -> InvitePreview | None:
        return dress_preview(*await info.context.ask(invites.look_at_invite, code))

    @strawberry.field(description="Who may make an account.")
    def registration(self, info: Info) -> Registration:
        return Registration(info.context.visit.registration.value)

    @strawberry.field(description="The houses that the viewer sees, or those they belong to, oldest first.")
    async def houses(
        self,
        info: Info,
        joined: Annotated[
            bool, strawberry.argument(description="Only those that the viewer is a member of.")
        ] = False,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[House]:
        window = read_window("houses", first, after, last, before)
        listed = houses.list_joined_houses if joined else houses.list_houses
        return show_page(await info.context.ask(listed, window), "houses")

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
            return show_page(await info.context.ask(rooms.list_all_rooms, window), "rooms")
        key = read_id(house_id, "House", "houseId")
        scope = f"rooms/{key}"
        window = read_window(scope, first, after, last, before)
        return show_page(await info.context.load.rooms.one(Part(key, window)), scope)

    @strawberry.field(
        description="The talks that the viewer sees, of one room or of all, oldest first.",
        metadata=kept_by(of_room_named("room_id")),
    )
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
            return show_page(await info.context.ask(talks.list_all_talks, window), "talks")
        key = read_id(room_id, "Room", "roomId")
        scope = f"talks/{key}"
        window = read_window(scope, first, after, last, before)
        return show_page(await info.context.load.talks.one(Part(key, window)), scope, key="seq")

    @strawberry.field(description="What the viewer asked private houses for, newest first.")
    async def join_requests(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[JoinRequest]:
        window = read_window("requests", first, after, last, before)
        page = await info.context.ask(join_requests.list_own_join_requests, window)
        return show_page(page, "requests")

    @strawberry.field(description="The viewer's own sessions that go on, newest first.")
    async def sessions(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Session]:
        page = await info.context.ask(
            sessions.list_sessions, read_window("sessions", first, after, last, before)
        )
        return show_page(page, "sessions")


async def _find(info: Info, id: str, field: str) -> Node:
    noun, key = split_id(id, field)
    load = info.context.load.by_name(noun)
    if load is None:
        raise Invalid(f"`{field}` is not an id: there are no nodes called {noun}.", field)
    return show(await load.load(key))
