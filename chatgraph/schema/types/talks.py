"""A talk as GraphQL shows it, or the tombstone of a removed one."""

from datetime import datetime

import strawberry

from chatgraph import models
from chatgraph.operations import audit
from chatgraph.operations.rights import rights_over_talk
from chatgraph.schema.context import Info
from chatgraph.schema.edges import edge
from chatgraph.schema.ids import read_id
from chatgraph.schema.permissions import (
    Explanation,
    OfPermission,
    OfUser,
    Permission,
    dress_explanation,
    dress_permissions,
    read_permission,
)
from chatgraph.schema.types.node import Node, dress, named
from chatgraph.schema.types.rooms import Room
from chatgraph.schema.types.users import User


@strawberry.type(
    description="A message. A removed one stays as a tombstone, so that a client can show it holds every seq."
)
class Talk(Node):
    seq: int = strawberry.field(description="Its place in its room: 1, 2, 3… without holes.")
    content: str | None = strawberry.field(
        description="What was said, as it was sent; null once it was removed."
    )
    create_time: datetime = strawberry.field(description="When it was posted.")
    edit_time: datetime | None = strawberry.field(description="When it was last edited; null if never.")
    remove_time: datetime | None = strawberry.field(description="When it was removed; null while it stands.")
    noun: strawberry.Private[models.Talk]

    @strawberry.field(description="What the viewer may do to it; to a tombstone, nothing.")
    async def viewer_can(self, info: Info) -> list[Permission]:
        room = await info.context.load.room.load(self.noun.room_id)
        house = await info.context.load.house.load(room.house_id)
        return dress_permissions(rights_over_talk(house, info.context.viewer, room, self.noun))

    @strawberry.field(
        description="Whether somebody may do something to it, and what decides. Moderators may ask."
    )
    async def explain(self, info: Info, user_id: OfUser, permission: OfPermission) -> Explanation:
        room = await info.context.load.room.load(self.noun.room_id)
        given = room.house_id, read_id(user_id, "User", "userId"), read_permission(permission)
        return dress_explanation(await info.context.ask(audit.explain, *given, talk_id=self.noun.id))

    @strawberry.field(description="The room it is in.", metadata=edge("room", "noun.room_id"))
    async def room(self, info: Info) -> Room:
        return dress(await info.context.load.room.load(self.noun.room_id))

    @strawberry.field(description="Who posted it.", metadata=edge("user", "noun.creator_id"))
    async def creator(self, info: Info) -> User:
        return dress(await info.context.load.user.load(self.noun.creator_id))


@dress.register
def _(talk: models.Talk) -> Talk:
    return Talk(
        **named("Talk", talk.id),
        seq=talk.seq,
        content=talk.content,
        create_time=talk.create_time,
        edit_time=talk.edit_time,
        remove_time=talk.remove_time,
        noun=talk,
    )
