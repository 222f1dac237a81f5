"""Invites: createInvite, revokeInvite, acceptInvite."""

from typing import Annotated

import strawberry

from chatgraph.operations import invites
from chatgraph.schema.context import Info
from chatgraph.schema.ids import read_id
from chatgraph.schema.mutations.given import GIVEN
from chatgraph.schema.types import House, Invite, show


@strawberry.input(description="The invite that shall be made.")
class CreateInviteInput:
    house_id: strawberry.ID = strawberry.field(description="The `id` of the house it leads to.")
    expires_in: int = strawberry.field(
        description="In how many seconds it ends, 60 to 31536000; a week if nothing is said.",
        default=invites.WEEK,
    )
    most_uses: int | None = strawberry.field(
        description="How often it can be used, 1 to 100000; as often as one likes if left out.", default=None
    )


@strawberry.type(description="The invite that was made.")
class CreateInvitePayload:
    invite: Invite = strawberry.field(description="The invite.")
    code: str = strawberry.field(
        description="What lets its holder in, 24 characters. It is shown this once and never again."
    )


@strawberry.input(description="The invite that shall end.")
class RevokeInviteInput:
    invite_id: strawberry.ID = strawberry.field(description="The `id` of the invite.")


@strawberry.type(description="The invite that was ended.")
class RevokeInvitePayload:
    invite: Invite = strawberry.field(description="The invite; nobody comes in by it any more.")


@strawberry.input(description="The invite that the viewer accepts.")
class AcceptInviteInput:
    code: str = strawberry.field(description="The invite's code.")


@strawberry.type(description="The house that the invite led to.")
class AcceptInvitePayload:
    house: House = strawberry.field(description="The house; the viewer is a member.")


@strawberry.type
class InviteMutations:
    @strawberry.mutation(
        description="Make an invite to a house. It ends when its maker may not invite any more. Moderators and the owner may."
    )
    async def create_invite(
        self, info: Info, input: Annotated[CreateInviteInput, GIVEN]
    ) -> CreateInvitePayload:
        given = read_id(input.house_id, "House", "houseId"), input.expires_in, input.most_uses
        invite, code = await info.context.perform(invites.create_invite, *given)
        return CreateInvitePayload(invite=show(invite), code=code)

    @strawberry.mutation(
        description="End an invite before its time; who came in by it stays. Moderators and the owner may."
    )
    async def revoke_invite(
        self, info: Info, input: Annotated[RevokeInviteInput, GIVEN]
    ) -> RevokeInvitePayload:
        key = read_id(input.invite_id, "Invite", "inviteId")
        return RevokeInvitePayload(invite=show(await info.context.perform(invites.revoke_invite, key)))

    @strawberry.mutation(
        description="Become a member of the house that an invite leads to. Once it is over, it is NOT_FOUND."
    )
    async def accept_invite(
        self, info: Info, input: Annotated[AcceptInviteInput, GIVEN]
    ) -> AcceptInvitePayload:
        return AcceptInvitePayload(house=show(await info.context.perform(invites.accept_invite, input.code)))
