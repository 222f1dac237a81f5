"""A session as GraphQL shows it: one of the devices that the viewer is signed in on."""

from datetime import datetime

import strawberry
from strawberry import Parent

from chatgraph import models
from chatgraph.executor import of_class
from chatgraph.schema.context import Info
from chatgraph.schema.types.node import Node


@strawberry.type(description="One of the viewer's signed-in devices.")
class Session(Node):
    is_type_of = of_class(models.Session)

    agent: str = strawberry.field(description="What signed in, in its own words (`User-Agent`).")
    create_time: datetime = strawberry.field(description="When it signed in.")
    use_time: datetime = strawberry.field(description="When it last refreshed its tokens.")
    expire_time: datetime = strawberry.field(description="When it ends if it isn't used before.")

    @strawberry.field(description="Whether it is the one that asks.")
    def current(self, info: Info, session: Parent[models.Session]) -> bool:
        return session.id == info.context.viewer.session_id
