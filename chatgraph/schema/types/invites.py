"""An invite as moderators see it, and as who holds its code does before accepting it."""

from datetime import datetime

import strawberry

from chatgraph import models
from chatgraph.schema.context import Info
from chatgraph.schema.edges import edge
from chatgraph.schema.types.houses import House
from chatgraph.schema.types.node import Node, dress, named
from chatgraph.schema.types.users import User


@strawberry.type(
    description="A way into a house for who has its code, which is shown once. It ends when its maker may not invite any more."
)
class Invite(Node):
    create_time: datetime = strawberry.field(description="When it was made.")
    expire_time: datetime = strawberry.field(description="When it ends by itself.")
    most_uses: int | None = strawberry.field(
        description="How often it can be used; null for as often as one likes."
    )
    uses: int = strawberry.field(description="How often it was used.")
    revoke_time: datetime | None = strawberry.field(
        description="When it was ended before its time; null if it wasn't."
    )
    noun: strawberry.Private[models.Invite]

    @strawberry.field(description="The house it leads to.", metadata=edge("house", "noun.house_id"))
    async def house(self, info: Info) -> House:
        return dress(await info.context.load.house.load(self.noun.house_id))

    @strawberry.field(description="Who made it.", metadata=edge("user", "noun.creator_id"))
    async def creator(self, info: Info) -> User:
        return dress(await info.context.load.user.load(self.noun.creator_id))


@dress.register
def _(invite: models.Invite) -> Invite:
    return Invite(
        **named("Invite", invite.id),
        create_time=invite.create_time,
        expire_time=invite.expire_time,
        most_uses=invite.most_uses,
        uses=invite.uses,
        revoke_time=invite.revoke_time,
        noun=invite,
    )


@strawberry.type(description="What who holds an invite's code is shown before accepting it.")
class InvitePreview:
    house_name: str = strawberry.field(description="The name of the house it leads to.")
    house_description: str = strawberry.field(description="What that house is about.")
    member_count: int = strawberry.field(description="How many belong to it.")
    expire_time: datetime = strawberry.field(description="When the invite ends.")
    inviter_key: strawberry.Private[int]

    @strawberry.field(description="Who made the invite.", metadata=edge("user", "inviter_key"))
    async def inviter(self, info: Info) -> User:
        return dress(await info.context.load.user.load(self.inviter_key))


def dress_preview(invite: models.Invite, house: models.House) -> InvitePreview:
    """Dress what is shown of an invite and its house."""
    return InvitePreview(
        house_name=house.name,
        house_description=house.description,
        member_count=house.member_count,
        expire_time=invite.expire_time,
        inviter_key=invite.creator_id,
    )
