"""A join request as GraphQL shows it, to who asked and to who decides."""

from datetime import datetime

import strawberry
from strawberry import Parent

from chatgraph import models
from chatgraph.errors import NotFound
from chatgraph.executor import of_class
from chatgraph.schema.context import Info
from chatgraph.schema.edges import edge
from chatgraph.schema.enums import JoinRequestState
from chatgraph.schema.types.houses import House
from chatgraph.schema.types.node import Node, show
from chatgraph.schema.types.users import User


@strawberry.type(description="That somebody wants to be let into a private house.")
class JoinRequest(Node):
    is_type_of = of_class(models.JoinRequest)

    message: str = strawberry.field(description="What they say to who decides, up to 512 characters.")

    @strawberry.field(description="What became of it.")
    def state(self, request: Parent[models.JoinRequest]) -> JoinRequestState:
        return JoinRequestState(request.state.value)

    create_time: datetime = strawberry.field(description="When they asked.")
    decide_time: datetime | None = strawberry.field(description="When it was decided; null while it waits.")

    @strawberry.field(description="The house; null for who doesn't see it, as long as they aren't let in.")
    async def house(self, info: Info, request: Parent[models.JoinRequest]) -> House | None:
        try:
            return show(await info.context.load.house.load(request.house_id))
        except NotFound:
            return None

    user: User = edge("user", "user_id", "Who asked.")
