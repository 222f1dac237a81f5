"""A member as GraphQL shows them: a user in a house."""

from datetime import datetime

import strawberry
from strawberry import Parent

from chatgraph import models
from chatgraph.executor import of_class
from chatgraph.operations.rights import may_see_presence, rights_over_member
from chatgraph.schema.context import Info
from chatgraph.schema.edges import edge
from chatgraph.schema.enums import Role, dress_role
from chatgraph.schema.permissions import Permission, dress_permissions
from chatgraph.schema.types.houses import House
from chatgraph.schema.types.node import Node
from chatgraph.schema.types.users import User


@strawberry.type(description="A user in a house.")
class Member(Node):
    is_type_of = of_class(models.Member)

    @strawberry.field(description="What they may do in it.")
    def role(self, member: Parent[models.Member]) -> Role:
        return dress_role(member.rank)

    join_time: datetime = strawberry.field(description="When they joined.")

    @strawberry.field(
        description="Until when they are muted: they read, but don't speak; null for who isn't."
    )
    def mute_end_time(self, member: Parent[models.Member]) -> datetime | None:
        return member.mute_end

    house: House = edge("house", "house_id", "The house.")
    user: User = edge("user", "user_id", "The user.")

    @strawberry.field(
        description="Whether they are connected, or were 10 seconds ago; null for who isn't a member, and where they hide it."
    )
    async def online(self, info: Info, member: Parent[models.Member]) -> bool | None:
        house = await info.context.load.house.load(member.house_id)
        user = await info.context.load.user.load(member.user_id)
        if user.hides_presence or not may_see_presence(house):
            return None
        return info.context.visit.chat.presence.is_online(user.id)

    @strawberry.field(description="What the viewer may do to them; to themselves, nothing.")
    async def viewer_can(self, info: Info, member: Parent[models.Member]) -> list[Permission]:
        house = await info.context.load.house.load(member.house_id)
        return dress_permissions(rights_over_member(house, info.context.viewer, member))
