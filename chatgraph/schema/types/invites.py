"""An invite as moderators see it, and as who holds its code does before accepting it."""

from datetime import datetime

import strawberry

from chatgraph import models
from chatgraph.executor import of_class
from chatgraph.schema.edges import edge
from chatgraph.schema.types.houses import House
from chatgraph.schema.types.node import Node
from chatgraph.schema.types.users import User


@strawberry.type(
    description="A way into a house for who has its code, which is shown once. It ends when its maker may not invite any more."
)
class Invite(Node):
    is_type_of = of_class(models.Invite)

    create_time: datetime = strawberry.field(description="When it was made.")
    expire_time: datetime = strawberry.field(description="When it ends by itself.")
    most_uses: int | None = strawberry.field(
        description="How often it can be used; null for as often as one likes."
    )
    uses: int = strawberry.field(description="How often it was used.")
    revoke_time: datetime | None = strawberry.field(
        description="When it was ended before its time; null if it wasn't."
    )

    house: House = edge("house", "house_id", "The house it leads to.")
    creator: User = edge("user", "creator_id", "Who made it.")


@strawberry.type(description="What who holds an invite's code is shown before accepting it.")
class InvitePreview:
    house_name: str = strawberry.field(description="The name of the house it leads to.")
    house_description: str = strawberry.field(description="What that house is about.")
    member_count: int = strawberry.field(description="How many belong to it.")
    expire_time: datetime = strawberry.field(description="When the invite ends.")
    inviter_key: strawberry.Private[int]

    inviter: User = edge("user", "inviter_key", "Who made the invite.")


def dress_preview(invite: models.Invite, house: models.House) -> InvitePreview:
    """Dress what is shown of an invite and its house."""
    return InvitePreview(
        house_name=house.name,
        house_description=house.description,
        member_count=house.member_count,
        expire_time=invite.expire_time,
        inviter_key=invite.creator_id,
    )
