"""Join requests: requestToJoin, withdrawJoinRequest, approveJoinRequest, declineJoinRequest."""

from typing import Annotated

import strawberry

from chatgraph.operations import join_requests
from chatgraph.schema.context import Info
from chatgraph.schema.ids import read_id
from chatgraph.schema.mutations.given import GIVEN, Reasoned
from chatgraph.schema.types import JoinRequest, show


@strawberry.input(description="The private house that the viewer wants to be let into.")
class RequestToJoinInput:
    house_id: strawberry.ID = strawberry.field(description="The `id` of the house.")
    message: str = strawberry.field(
        description="What the viewer says to who decides, up to 512 characters.", default=""
    )


@strawberry.type(description="The request.")
class RequestToJoinPayload:
    join_request: JoinRequest = strawberry.field(description="The request; while one waits, that one.")


@strawberry.input(description="The request that shall be taken back.")
class WithdrawJoinRequestInput:
    join_request_id: strawberry.ID = strawberry.field(
        description="The `id` of one of the viewer's own requests."
    )


@strawberry.type(description="The request that was taken back.")
class WithdrawJoinRequestPayload:
    join_request_id: strawberry.ID = strawberry.field(description="The `id` that the request had.")


@strawberry.input
class Decided(Reasoned):
    join_request_id: strawberry.ID = strawberry.field(description="The `id` of a request that waits.")

    def key(self) -> int:
        """Give the database id of the request. Raises `Invalid`."""
        return read_id(self.join_request_id, "JoinRequest", "joinRequestId")


@strawberry.input(description="Who shall be let in.")
class ApproveJoinRequestInput(Decided):
    pass


@strawberry.type(description="The request that was approved.")
class ApproveJoinRequestPayload:
    join_request: JoinRequest = strawberry.field(description="The request; who asked is a member.")


@strawberry.input(description="Who shall not be let in.")
class DeclineJoinRequestInput(Decided):
    pass


@strawberry.type(description="The request that was declined.")
class DeclineJoinRequestPayload:
    join_request: JoinRequest = strawberry.field(description="The request; who asked may ask again.")


@strawberry.type
class JoinRequestMutations:
    @strawberry.mutation(
        description="Ask to be let into a private house. One that doesn't take requests is NOT_FOUND."
    )
    async def request_to_join(
        self, info: Info, input: Annotated[RequestToJoinInput, GIVEN]
    ) -> RequestToJoinPayload:
        key = read_id(input.house_id, "House", "houseId")
        request = await info.context.perform(join_requests.request_to_join, key, input.message)
        return RequestToJoinPayload(join_request=show(request))

    @strawberry.mutation(description="Take one of the viewer's own requests back.")
    async def withdraw_join_request(
        self, info: Info, input: Annotated[WithdrawJoinRequestInput, GIVEN]
    ) -> WithdrawJoinRequestPayload:
        key = read_id(input.join_request_id, "JoinRequest", "joinRequestId")
        await info.context.perform(join_requests.withdraw_join_request, key)
        return WithdrawJoinRequestPayload(join_request_id=input.join_request_id)

    @strawberry.mutation(description="Let in somebody who asked. Moderators and the owner may.")
    async def approve_join_request(
        self, info: Info, input: Annotated[ApproveJoinRequestInput, GIVEN]
    ) -> ApproveJoinRequestPayload:
        given = input.key(), input.reason
        request = await info.context.perform(join_requests.approve_join_request, *given)
        return ApproveJoinRequestPayload(join_request=show(request))

    @strawberry.mutation(description="Turn down somebody who asked. Moderators and the owner may.")
    async def decline_join_request(
        self, info: Info, input: Annotated[DeclineJoinRequestInput, GIVEN]
    ) -> DeclineJoinRequestPayload:
        given = input.key(), input.reason
        request = await info.context.perform(join_requests.decline_join_request, *given)
        return DeclineJoinRequestPayload(join_request=show(request))
