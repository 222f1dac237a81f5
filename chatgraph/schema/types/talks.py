"""A talk as GraphQL shows it, or the tombstone of a removed one."""

from datetime import datetime

import strawberry
from strawberry import Parent

from chatgraph import models
from chatgraph.executor import lasting, of_class
from chatgraph.operations import audit
from chatgraph.operations.rights import rights_over_talk
from chatgraph.schema.context import Info
from chatgraph.schema.edges import edge
from chatgraph.schema.ids import cursor, read_id
from chatgraph.schema.permissions import (
    Explanation,
    OfPermission,
    OfUser,
    Permission,
    dress_explanation,
    dress_permissions,
    read_permission,
)
from chatgraph.schema.types.node import Node
from chatgraph.schema.types.rooms import Room
from chatgraph.schema.types.users import User


def _cursor(talk: Parent[models.Talk]) -> str:
    return cursor(f"talks/{talk.room_id}", talk.seq)


@strawberry.type(
    description="A message. A removed one stays as a tombstone, so that a client can show it holds every seq."
)
class Talk(Node):
    is_type_of = of_class(models.Talk)

    seq: int = strawberry.field(description="Its place in its room: 1, 2, 3… without holes.")
    content: str | None = strawberry.field(
        description="What was said, as it was sent; null once it was removed."
    )
    cursor: str = strawberry.field(
        resolver=_cursor,
        description="Its place in its room's `talks`, for `after` and `before`: so a room is opened where it stands.",
    )
    create_time: datetime = strawberry.field(description="When it was posted.")
    edit_time: datetime | None = strawberry.field(description="When it was last edited; null if never.")
    remove_time: datetime | None = strawberry.field(description="When it was removed; null while it stands.")

    @strawberry.field(description="What the viewer may do to it; to a tombstone, nothing.")
    async def viewer_can(self, info: Info, talk: Parent[models.Talk]) -> list[Permission]:
        room = await info.context.load.room.load(talk.room_id)
        house = await info.context.load.house.load(room.house_id)
        return dress_permissions(rights_over_talk(house, info.context.viewer, room, talk))

    @strawberry.field(
        description="Whether somebody may do something to it, and what decides. Moderators may ask."
    )
    async def explain(
        self, info: Info, talk: Parent[models.Talk], user_id: OfUser, permission: OfPermission
    ) -> Explanation:
        room = await info.context.load.room.load(talk.room_id)
        given = room.house_id, read_id(user_id, "User", "userId"), read_permission(permission)
        return dress_explanation(await info.context.ask(audit.explain, *given, talk_id=talk.id))

    # A room changes while the talks in it stay as they are.
    room: Room = edge("room", "room_id", "The room it is in.", **lasting(in_items=False))
    creator: User = edge("user", "creator_id", "Who posted it.", **lasting())
