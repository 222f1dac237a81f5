"""A join request as GraphQL shows it, to who asked and to who decides."""

from datetime import datetime

import strawberry

from chatgraph import models
from chatgraph.errors import NotFound
from chatgraph.schema.context import Info
from chatgraph.schema.edges import edge
from chatgraph.schema.enums import JoinRequestState
from chatgraph.schema.types.houses import House
from chatgraph.schema.types.node import Node, dress, named
from chatgraph.schema.types.users import User


@strawberry.type(description="That somebody wants to be let into a private house.")
class JoinRequest(Node):
    message: str = strawberry.field(description="What they say to who decides, up to 512 characters.")
    state: JoinRequestState = strawberry.field(description="What became of it.")
    create_time: datetime = strawberry.field(description="When they asked.")
    decide_time: datetime | None = strawberry.field(description="When it was decided; null while it waits.")
    noun: strawberry.Private[models.JoinRequest]

    @strawberry.field(description="The house; null for who doesn't see it, as long as they aren't let in.")
    async def house(self, info: Info) -> House | None:
        try:
            return dress(await info.context.load.house.load(self.noun.house_id))
        except NotFound:
            return None

    @strawberry.field(description="Who asked.", metadata=edge("user", "noun.user_id"))
    async def user(self, info: Info) -> User:
        return dress(await info.context.load.user.load(self.noun.user_id))


@dress.register
def _(request: models.JoinRequest) -> JoinRequest:
    return JoinRequest(
        **named("JoinRequest", request.id),
        message=request.message,
        state=JoinRequestState(request.state.value),
        create_time=request.create_time,
        decide_time=request.decide_time,
        noun=request,
    )
