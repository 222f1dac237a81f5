"""A ban as GraphQL shows it, to moderators alone."""

from datetime import datetime

import strawberry

from chatgraph import models
from chatgraph.executor import of_class
from chatgraph.schema.edges import edge
from chatgraph.schema.types.houses import House
from chatgraph.schema.types.node import Node
from chatgraph.schema.types.users import User


@strawberry.type(
    description="That somebody is kept out of a house. It outlives leaving, and beats every invite."
)
class Ban(Node):
    is_type_of = of_class(models.Ban)

    reason: str = strawberry.field(description="Why, up to 512 characters; the banned aren't told.")
    create_time: datetime = strawberry.field(description="When they were banned.")
    end_time: datetime | None = strawberry.field(description="When it ends by itself; null for never.")

    house: House = edge("house", "house_id", "The house.")
    user: User = edge("user", "user_id", "Who is banned.")

    creator: User = edge("user", "creator_id", "Who banned them.")
