"""A room as GraphQL shows it, with the list of its talks."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from chatgraph import models
from chatgraph.operations import audit
from chatgraph.operations.rights import rights_in_room
from chatgraph.schema.context import Info
from chatgraph.schema.edges import edge
from chatgraph.schema.ids import read_id
from chatgraph.schema.loaders import Part
from chatgraph.schema.pages import After, Before, Connection, First, Last, dress_page, read_window
from chatgraph.schema.permissions import (
    Explanation,
    OfPermission,
    OfUser,
    Permission,
    dress_explanation,
    dress_permissions,
    read_permission,
)
from chatgraph.schema.types.houses import House
from chatgraph.schema.types.node import Node, dress, named
from chatgraph.schema.types.users import User

if TYPE_CHECKING:
    from chatgraph.schema.types.talks import Talk


@strawberry.type(description="A conversation in a house, made of talks.")
class Room(Node):
    title: str = strawberry.field(description="Its title, 1 to 100 characters; others may have the same.")
    topic: str = strawberry.field(description="What is talked about, up to 1024 characters.")
    create_time: datetime = strawberry.field(description="When it was opened.")
    archive_time: datetime | None = strawberry.field(
        description="When it was closed for new talks; null while it is open."
    )
    lock_time: datetime | None = strawberry.field(
        description="When it was locked, so that only moderators speak in it; null while it isn't."
    )
    last_seq: int = strawberry.field(description="The `seq` of its newest talk; 0 while it has none.")
    noun: strawberry.Private[models.Room]

    @strawberry.field(description="What the viewer may do in it.")
    async def viewer_can(self, info: Info) -> list[Permission]:
        house = await info.context.load.house.load(self.noun.house_id)
        return dress_permissions(rights_in_room(house, info.context.viewer, self.noun))

    @strawberry.field(
        description="Whether somebody may do something in it, and what decides. Moderators may ask."
    )
    async def explain(self, info: Info, user_id: OfUser, permission: OfPermission) -> Explanation:
        user_key = read_id(user_id, "User", "userId")
        given = self.noun.house_id, user_key, read_permission(permission)
        return dress_explanation(await info.context.ask(audit.explain, *given, room_id=self.noun.id))

    @strawberry.field(description="The house it is in.", metadata=edge("house", "noun.house_id"))
    async def house(self, info: Info) -> House:
        return dress(await info.context.load.house.load(self.noun.house_id))

    @strawberry.field(description="Who opened it.", metadata=edge("user", "noun.creator_id"))
    async def creator(self, info: Info) -> User:
        return dress(await info.context.load.user.load(self.noun.creator_id))

    @strawberry.field(description="Its talks, oldest first; `last: 50` is the newest page, still in order.")
    async def talks(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Annotated["Talk", strawberry.lazy("chatgraph.schema.types.talks")]]:
        scope = f"talks/{self.noun.id}"
        window = read_window(scope, first, after, last, before)
        page = await info.context.load.talks.load(Part(self.noun.id, window))
        return dress_page(page, scope, dress, key="seq")


@dress.register
def _(room: models.Room) -> Room:
    return Room(
        **named("Room", room.id),
        title=room.title,
        topic=room.topic,
        create_time=room.create_time,
        archive_time=room.archive_time,
        lock_time=room.lock_time,
        last_seq=room.last_seq,
        noun=room,
    )
