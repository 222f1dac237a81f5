"""A member as GraphQL shows them: a user in a house."""

from datetime import datetime

import strawberry

from chatgraph import models
from chatgraph.operations.rights import may_see_presence, rights_over_member
from chatgraph.schema.context import Info
from chatgraph.schema.edges import edge
from chatgraph.schema.enums import Role, dress_role
from chatgraph.schema.permissions import Permission, dress_permissions
from chatgraph.schema.types.houses import House
from chatgraph.schema.types.node import Node, dress, named
from chatgraph.schema.types.users import User


@strawberry.type(description="A user in a house.")
class Member(Node):
    role: Role = strawberry.field(description="What they may do in it.")
    join_time: datetime = strawberry.field(description="When they joined.")
    mute_end_time: datetime | None = strawberry.field(
        description="Until when they are muted: they read, but don't speak; null for who isn't."
    )
    noun: strawberry.Private[models.Member]

    @strawberry.field(description="The house.", metadata=edge("house", "noun.house_id"))
    async def house(self, info: Info) -> House:
        return dress(await info.context.load.house.load(self.noun.house_id))

    @strawberry.field(description="The user.", metadata=edge("user", "noun.user_id"))
    async def user(self, info: Info) -> User:
        return dress(await info.context.load.user.load(self.noun.user_id))

    @strawberry.field(
        description="Whether they are connected, or were 10 seconds ago; null for who isn't a member, and where they hide it."
    )
    async def online(self, info: Info) -> bool | None:
        house = await info.context.load.house.load(self.noun.house_id)
        user = await info.context.load.user.load(self.noun.user_id)
        if user.hides_presence or not may_see_presence(house):
            return None
        return info.context.visit.chat.presence.is_online(user.id)

    @strawberry.field(description="What the viewer may do to them; to themselves, nothing.")
    async def viewer_can(self, info: Info) -> list[Permission]:
        house = await info.context.load.house.load(self.noun.house_id)
        return dress_permissions(rights_over_member(house, info.context.viewer, self.noun))


@dress.register
def _(member: models.Member) -> Member:
    return Member(
        **named("Member", member.id),
        role=dress_role(member.rank),
        join_time=member.join_time,
        mute_end_time=member.mute_end,
        noun=member,
    )
