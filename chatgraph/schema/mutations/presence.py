"""Being there: setTyping, setPresence."""

from datetime import datetime
from typing import Annotated

import strawberry

from chatgraph.operations import presence
from chatgraph.schema.context import Info
from chatgraph.schema.ids import read_id
from chatgraph.schema.mutations.given import GIVEN
from chatgraph.schema.types import User, show


@strawberry.input(description="Where the viewer writes.")
class SetTypingInput:
    room_id: strawberry.ID = strawberry.field(description="The `id` of the room.")
    typing: bool = strawberry.field(description="False: the viewer stopped.", default=True)


@strawberry.type(description="That others were told.")
class SetTypingPayload:
    until: datetime = strawberry.field(
        description="When it is old: send it again before, while they go on writing."
    )


@strawberry.input(description="Whether others see that the viewer is there.")
class SetPresenceInput:
    visible: bool = strawberry.field(
        description="False hides it at once. True shows it at once to who asks; who hears `presence` already is "
        "told with the next connection."
    )


@strawberry.type(description="That it is kept.")
class SetPresencePayload:
    user: User = strawberry.field(description="The viewer.")
    visible: bool = strawberry.field(description="Whether others see it.")


@strawberry.type
class PresenceMutations:
    @strawberry.mutation(
        description="Tell who hears `typing` in a room that the viewer writes there. It is never kept."
    )
    async def set_typing(self, info: Info, input: Annotated[SetTypingInput, GIVEN]) -> SetTypingPayload:
        key = read_id(input.room_id, "Room", "roomId")
        return SetTypingPayload(until=(await info.context.ask(presence.set_typing, key, input.typing)).until)

    @strawberry.mutation(description="Show or hide whether the viewer is there.")
    async def set_presence(self, info: Info, input: Annotated[SetPresenceInput, GIVEN]) -> SetPresencePayload:
        user = await info.context.perform(presence.hide_presence, not input.visible)
        return SetPresencePayload(user=show(user), visible=input.visible)
