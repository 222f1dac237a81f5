"""A ban as GraphQL shows it, to moderators alone."""

from datetime import datetime

import strawberry

from chatgraph import models
from chatgraph.schema.context import Info
from chatgraph.schema.edges import edge
from chatgraph.schema.types.houses import House
from chatgraph.schema.types.node import Node, dress, named
from chatgraph.schema.types.users import User


@strawberry.type(
    description="That somebody is kept out of a house. It outlives leaving, and beats every invite."
)
class Ban(Node):
    reason: str = strawberry.field(description="Why, up to 512 characters; the banned aren't told.")
    create_time: datetime = strawberry.field(description="When they were banned.")
    end_time: datetime | None = strawberry.field(description="When it ends by itself; null for never.")
    noun: strawberry.Private[models.Ban]

    @strawberry.field(description="The house.", metadata=edge("house", "noun.house_id"))
    async def house(self, info: Info) -> House:
        return dress(await info.context.load.house.load(self.noun.house_id))

    @strawberry.field(description="Who is banned.", metadata=edge("user", "noun.user_id"))
    async def user(self, info: Info) -> User:
        return dress(await info.context.load.user.load(self.noun.user_id))

    @strawberry.field(description="Who banned them.", metadata=edge("user", "noun.creator_id"))
    async def creator(self, info: Info) -> User:
        return dress(await info.context.load.user.load(self.noun.creator_id))


@dress.register
def _(ban: models.Ban) -> Ban:
    return Ban(
        **named("Ban", ban.id),
        reason=ban.reason,
        create_time=ban.create_time,
        end_time=ban.end_time,
        noun=ban,
    )
