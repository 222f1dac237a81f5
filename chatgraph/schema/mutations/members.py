"""Members: setRole, removeMember, transferHouse."""

from typing import Annotated

import strawberry

from chatgraph import models
from chatgraph.operations import members
from chatgraph.schema.context import Info
from chatgraph.schema.enums import Role
from chatgraph.schema.mutations.given import GIVEN, UserInHouse
from chatgraph.schema.types import House, Member, show


@strawberry.input(description="What a member shall be from now on.")
class SetRoleInput(UserInHouse):
    role: Role = strawberry.field(
        description="MODERATOR or MEMBER; another owner is made by `transferHouse`."
    )


@strawberry.type(description="The member whose role was set.")
class SetRolePayload:
    member: Member = strawberry.field(description="The member as they are now.")


@strawberry.input(description="Who shall be put out.")
class RemoveMemberInput(UserInHouse):
    pass


@strawberry.type(description="The house that somebody was put out of.")
class RemoveMemberPayload:
    house: House = strawberry.field(description="The house as it is now.")


@strawberry.input(description="Who shall own the house.")
class TransferHouseInput(UserInHouse):
    pass


@strawberry.type(description="The house that has another owner.")
class TransferHousePayload:
    house: House = strawberry.field(description="The house; the viewer is a moderator of it.")


@strawberry.type
class MemberMutations:
    @strawberry.mutation(
        description="Make a member a moderator, or a moderator a member again. Only the owner may. "
        "With the right to invite, the invites they made end."
    )
    async def set_role(self, info: Info, input: Annotated[SetRoleInput, GIVEN]) -> SetRolePayload:
        rank = models.Rank(input.role.value)
        member = await info.context.perform(members.set_role, *input.keys(), rank, input.reason)
        return SetRolePayload(member=show(member))

    @strawberry.mutation(
        description="Put a member of a lower role out of a house; they may come back. Moderators and the owner may."
    )
    async def remove_member(
        self, info: Info, input: Annotated[RemoveMemberInput, GIVEN]
    ) -> RemoveMemberPayload:
        house = await info.context.perform(members.remove_member, *input.keys(), input.reason)
        return RemoveMemberPayload(house=show(house))

    @strawberry.mutation(
        description="Make another member the owner; the viewer becomes a moderator. Only the owner may."
    )
    async def transfer_house(
        self, info: Info, input: Annotated[TransferHouseInput, GIVEN]
    ) -> TransferHousePayload:
        house = await info.context.perform(members.transfer_house, *input.keys(), input.reason)
        return TransferHousePayload(house=show(house))
