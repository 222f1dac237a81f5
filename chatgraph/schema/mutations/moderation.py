"""Moderation: banUser, unbanUser, muteMember, unmuteMember. Nobody acts on an equal or higher role."""

from datetime import datetime
from typing import Annotated

import strawberry

from chatgraph.operations import moderation
from chatgraph.schema.context import Info
from chatgraph.schema.mutations.given import GIVEN, UserInHouse
from chatgraph.schema.types import Ban, House, Member, show


@strawberry.input(description="Who shall be kept out, how long, and what goes with them.")
class BanUserInput(UserInHouse):
    end_time: datetime | None = strawberry.field(
        description="When the ban ends by itself; left out, it doesn't.", default=None
    )
    remove_talks_of_hours: int = strawberry.field(
        description="Remove also what they said here in the last so many hours: 0 (nothing) to 168 (a week).",
        default=0,
    )


@strawberry.type(description="The ban.")
class BanUserPayload:
    ban: Ban = strawberry.field(description="The ban, in the place of an earlier one.")


@strawberry.input(description="Who may come back.")
class UnbanUserInput(UserInHouse):
    pass


@strawberry.type(description="The house that somebody may come back to.")
class UnbanUserPayload:
    house: House = strawberry.field(description="The house.")


@strawberry.input(description="Who shall be silent, and how long.")
class MuteMemberInput(UserInHouse):
    end_time: datetime = strawberry.field(description="Until when; it must be in the future.")


@strawberry.type(description="The member who was muted.")
class MuteMemberPayload:
    member: Member = strawberry.field(description="The member as they are now.")


@strawberry.input(description="Who may speak again.")
class UnmuteMemberInput(UserInHouse):
    pass


@strawberry.type(description="The member who may speak.")
class UnmuteMemberPayload:
    member: Member = strawberry.field(description="The member as they are now.")


@strawberry.type
class ModerationMutations:
    @strawberry.mutation(
        description="Keep a user of a lower role out of a house, a member or not, for ever or until a time; "
        "no invite lets them in. Moderators and the owner may."
    )
    async def ban_user(self, info: Info, input: Annotated[BanUserInput, GIVEN]) -> BanUserPayload:
        given = input.reason, input.end_time, input.remove_talks_of_hours
        ban = await info.context.perform(moderation.ban_user, *input.keys(), *given)
        return BanUserPayload(ban=show(ban))

    @strawberry.mutation(
        description="End a ban; it doesn't make them a member again. Moderators and the owner may."
    )
    async def unban_user(self, info: Info, input: Annotated[UnbanUserInput, GIVEN]) -> UnbanUserPayload:
        house = await info.context.perform(moderation.unban_user, *input.keys(), input.reason)
        return UnbanUserPayload(house=show(house))

    @strawberry.mutation(
        description="Keep a member of a lower role from speaking until a time, also when they leave and come back. "
        "They read on. Moderators and the owner may."
    )
    async def mute_member(self, info: Info, input: Annotated[MuteMemberInput, GIVEN]) -> MuteMemberPayload:
        given = input.end_time, input.reason
        member = await info.context.perform(moderation.mute_member, *input.keys(), *given)
        return MuteMemberPayload(member=show(member))

    @strawberry.mutation(description="Let a member speak again. Moderators and the owner may.")
    async def unmute_member(
        self, info: Info, input: Annotated[UnmuteMemberInput, GIVEN]
    ) -> UnmuteMemberPayload:
        member = await info.context.perform(moderation.unmute_member, *input.keys(), input.reason)
        return UnmuteMemberPayload(member=show(member))
