"""Talks: postTalk, editTalk, removeTalk."""

from typing import Annotated

import strawberry

from chatgraph.operations import talks
from chatgraph.schema.context import Info
from chatgraph.schema.ids import read_id
from chatgraph.schema.mutations.given import GIVEN, Reasoned
from chatgraph.schema.types import Talk, show


@strawberry.input(description="What shall be said, and where.")
class PostTalkInput:
    room_id: strawberry.ID = strawberry.field(description="The `id` of the room.")
    content: str = strawberry.field(description="1 to 4000 characters, at most 16 KiB; kept as it is sent.")
    client_key: str | None = strawberry.field(
        description="The client's own name for this talk, 1 to 64 characters, such as a UUID: "
        "a retry with the same one gives the first talk and posts no second.",
        default=None,
    )


@strawberry.type(description="The talk that was posted.")
class PostTalkPayload:
    talk: Talk = strawberry.field(description="The talk.")
    replayed: bool = strawberry.field(
        description="Whether it stood there already, posted with the same `clientKey`."
    )


@strawberry.input(description="What shall be said instead.")
class EditTalkInput:
    talk_id: strawberry.ID = strawberry.field(description="The `id` of the talk.")
    content: str = strawberry.field(description="1 to 4000 characters, at most 16 KiB; kept as it is sent.")


@strawberry.type(description="The talk that was edited.")
class EditTalkPayload:
    talk: Talk = strawberry.field(description="The talk as it is now.")


@strawberry.input(description="The talk that shall be taken back.")
class RemoveTalkInput(Reasoned):
    talk_id: strawberry.ID = strawberry.field(description="The `id` of the talk.")


@strawberry.type(description="The talk that was removed.")
class RemoveTalkPayload:
    talk: Talk = strawberry.field(description="Its tombstone.")


@strawberry.type
class TalkMutations:
    @strawberry.mutation(
        description="Say something in a room. The first talk in a public house makes the viewer a member."
    )
    async def post_talk(self, info: Info, input: Annotated[PostTalkInput, GIVEN]) -> PostTalkPayload:
        key = read_id(input.room_id, "Room", "roomId")
        talk, replayed = await info.context.perform(talks.post_talk, key, input.content, input.client_key)
        return PostTalkPayload(talk=show(talk), replayed=replayed)

    @strawberry.mutation(description="Say it differently. Only who posted it may.")
    async def edit_talk(self, info: Info, input: Annotated[EditTalkInput, GIVEN]) -> EditTalkPayload:
        key = read_id(input.talk_id, "Talk", "talkId")
        return EditTalkPayload(talk=show(await info.context.perform(talks.edit_talk, key, input.content)))

    @strawberry.mutation(
        description="Take a talk back: its content is gone for ever, a tombstone stays. Who posted it may, and moderators."
    )
    async def remove_talk(self, info: Info, input: Annotated[RemoveTalkInput, GIVEN]) -> RemoveTalkPayload:
        key = read_id(input.talk_id, "Talk", "talkId")
        return RemoveTalkPayload(talk=show(await info.context.perform(talks.remove_talk, key, input.reason)))
