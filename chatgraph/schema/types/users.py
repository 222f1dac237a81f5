"""A user as GraphQL shows them: what everybody may know of a person."""

from datetime import datetime

import strawberry

from chatgraph import models
from chatgraph.executor import lasting, of_class
from chatgraph.schema.types.node import Node


@strawberry.type(description="A person.")
class User(Node):
    is_type_of = of_class(models.User)

    username: str = strawberry.field(description="Their name: unique, in lower case (PRECIS, RFC 8265).")
    display_name: str = strawberry.field(description="What they like to be called.")
    create_time: datetime = strawberry.field(description="When they registered.")
    deactivate_time: datetime | None = strawberry.field(
        description="When their account was deactivated; null while it is in use.",
        metadata=lasting(False),  # no house's journal tells of it
    )
