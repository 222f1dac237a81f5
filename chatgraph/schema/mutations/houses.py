"""Houses: createHouse, updateHouse, deleteHouse, joinHouse, leaveHouse."""

from typing import Annotated

import strawberry

from chatgraph import models
from chatgraph.operations import houses, members
from chatgraph.schema.context import Info
from chatgraph.schema.enums import Visibility
from chatgraph.schema.ids import read_id
from chatgraph.schema.mutations.given import GIVEN
from chatgraph.schema.types import House, show


@strawberry.input(description="The house that shall be founded.")
class CreateHouseInput:
    name: str = strawberry.field(description="Its name, 1 to 100 characters in one line.")
    description: str = strawberry.field(description="What it is about, up to 1024 characters.", default="")
    visibility: Visibility = strawberry.field(description="Who sees it.", default=Visibility.PUBLIC)
    accepts_join_requests: bool = strawberry.field(
        description="Whether outsiders may ask to be let in while it is private.", default=False
    )


@strawberry.type(description="The house that was founded.")
class CreateHousePayload:
    house: House = strawberry.field(description="The new house; the viewer owns it.")


@strawberry.input(description="What shall change; what isn't given or null stays as it is.")
class UpdateHouseInput:
    house_id: strawberry.ID = strawberry.field(description="The `id` of the house.")
    name: str | None = strawberry.field(
        description="Its new name, 1 to 100 characters in one line.", default=None
    )
    description: str | None = strawberry.field(
        description="What it is about now, up to 1024 characters.", default=None
    )
    visibility: Visibility | None = strawberry.field(description="Who sees it from now on.", default=None)
    accepts_join_requests: bool | None = strawberry.field(
        description="Whether outsiders may ask to be let in while it is private.", default=None
    )


@strawberry.type(description="The house that was changed.")
class UpdateHousePayload:
    house: House = strawberry.field(description="The house as it is now.")


@strawberry.input(description="The house that shall go.")
class DeleteHouseInput:
    house_id: strawberry.ID = strawberry.field(description="The `id` of the house.")


@strawberry.type(description="The house that is gone.")
class DeleteHousePayload:
    house_id: strawberry.ID = strawberry.field(description="The `id` that the house had.")


@strawberry.input(description="The house that the viewer wants to join.")
class JoinHouseInput:
    house_id: strawberry.ID = strawberry.field(description="The `id` of a public house.")


@strawberry.type(description="The house that was joined.")
class JoinHousePayload:
    house: House = strawberry.field(description="The house; the viewer is a member.")


@strawberry.input(description="The house that the viewer wants to leave.")
class LeaveHouseInput:
    house_id: strawberry.ID = strawberry.field(
        description="The `id` of a house that the viewer is a member of."
    )


@strawberry.type(description="The house that was left.")
class LeaveHousePayload:
    house: House = strawberry.field(description="The house as the viewer left it.")


@strawberry.type
class HouseMutations:
    @strawberry.mutation(description="Found a house; the viewer owns it.")
    async def create_house(self, info: Info, input: Annotated[CreateHouseInput, GIVEN]) -> CreateHousePayload:
        visibility = models.Visibility(input.visibility.value)
        given = input.name, input.description, visibility, input.accepts_join_requests
        house = await info.context.perform(houses.create_house, *given)
        return CreateHousePayload(house=show(house))

    @strawberry.mutation(description="Change a house. Only its owner may.")
    async def update_house(self, info: Info, input: Annotated[UpdateHouseInput, GIVEN]) -> UpdateHousePayload:
        key = read_id(input.house_id, "House", "houseId")
        visibility = None if input.visibility is None else models.Visibility(input.visibility.value)
        changed = input.name, input.description, visibility, input.accepts_join_requests
        return UpdateHousePayload(house=show(await info.context.perform(houses.update_house, key, *changed)))

    @strawberry.mutation(description="Delete a house with all that is in it, for ever. Only its owner may.")
    async def delete_house(self, info: Info, input: Annotated[DeleteHouseInput, GIVEN]) -> DeleteHousePayload:
        await info.context.perform(houses.delete_house, read_id(input.house_id, "House", "houseId"))
        return DeleteHousePayload(house_id=input.house_id)

    @strawberry.mutation(description="Become a member of a public house. Who is one stays one.")
    async def join_house(self, info: Info, input: Annotated[JoinHouseInput, GIVEN]) -> JoinHousePayload:
        key = read_id(input.house_id, "House", "houseId")
        return JoinHousePayload(house=show(await info.context.perform(members.join_house, key)))

    @strawberry.mutation(description="Stop being a member. The owner can't before the house is handed over.")
    async def leave_house(self, info: Info, input: Annotated[LeaveHouseInput, GIVEN]) -> LeaveHousePayload:
        key = read_id(input.house_id, "House", "houseId")
        return LeaveHousePayload(house=show(await info.context.perform(members.leave_house, key)))
