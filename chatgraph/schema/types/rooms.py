"""A room as GraphQL shows it, with the list of its talks."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import Parent

from chatgraph import models
from chatgraph.executor import kept_by, lasting, of_class
from chatgraph.operations import audit
from chatgraph.operations.rights import rights_in_room
from chatgraph.schema.context import Info
from chatgraph.schema.edges import edge, listing
from chatgraph.schema.ids import read_id
from chatgraph.schema.kept import of_room
from chatgraph.schema.pages import Connection
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
from chatgraph.schema.types.node import Node
from chatgraph.schema.types.users import User

if TYPE_CHECKING:
    from chatgraph.schema.types.talks import Talk


@strawberry.type(description="A conversation in a house, made of talks.")
class Room(Node):
    is_type_of = of_class(models.Room)

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

    @strawberry.field(description="What the viewer may do in it.")
    async def viewer_can(self, info: Info, room: Parent[models.Room]) -> list[Permission]:
        house = await info.context.load.house.load(room.house_id)
        return dress_permissions(rights_in_room(house, info.context.viewer, room))

    @strawberry.field(
        description="Whether somebody may do something in it, and what decides. Moderators may ask."
    )
    async def explain(
        self, info: Info, room: Parent[models.Room], user_id: OfUser, permission: OfPermission
    ) -> Explanation:
        user_key = read_id(user_id, "User", "userId")
        given = room.house_id, user_key, read_permission(permission)
        return dress_explanation(await info.context.ask(audit.explain, *given, room_id=room.id))

    house: House = edge("house", "house_id", "The house it is in.")
    creator: User = edge("user", "creator_id", "Who opened it.", **lasting())

    talks: Connection[Annotated["Talk", strawberry.lazy("chatgraph.schema.types.talks")]] = listing(
        "talks",
        "talks",
        "Its talks, oldest first; `last: 50` is the newest page, still in order.",
        key="seq",
        **kept_by(of_room),
        **lasting(),
    )
