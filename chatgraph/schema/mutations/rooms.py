"""Rooms: createRoom, updateRoom, archiveRoom, lockRoom, deleteRoom."""

from typing import Annotated

import strawberry

from chatgraph.operations import rooms
from chatgraph.schema.context import Info
from chatgraph.schema.ids import read_id
from chatgraph.schema.mutations.given import GIVEN, Reasoned
from chatgraph.schema.types import Room, show


@strawberry.input(description="The room that shall be opened.")
class CreateRoomInput:
    house_id: strawberry.ID = strawberry.field(description="The `id` of the house it shall be in.")
    title: str = strawberry.field(description="Its title, 1 to 100 characters in one line.")
    topic: str = strawberry.field(description="What is talked about, up to 1024 characters.", default="")


@strawberry.type(description="The room that was opened.")
class CreateRoomPayload:
    room: Room = strawberry.field(description="The new room.")


@strawberry.input(description="What shall change; what isn't given or null stays as it is.")
class UpdateRoomInput:
    room_id: strawberry.ID = strawberry.field(description="The `id` of the room.")
    title: str | None = strawberry.field(
        description="Its new title, 1 to 100 characters in one line.", default=None
    )
    topic: str | None = strawberry.field(
        description="What is talked about now, up to 1024 characters.", default=None
    )


@strawberry.type(description="The room that was changed.")
class UpdateRoomPayload:
    room: Room = strawberry.field(description="The room as it is now.")


@strawberry.input(description="The room that shall be closed for new talks, or opened again.")
class ArchiveRoomInput:
    room_id: strawberry.ID = strawberry.field(description="The `id` of the room.")
    archived: bool = strawberry.field(description="False opens an archived room again.", default=True)


@strawberry.type(description="The room that was archived or opened again.")
class ArchiveRoomPayload:
    room: Room = strawberry.field(description="The room as it is now.")


@strawberry.input(description="The room in which only moderators shall speak, or everybody again.")
class LockRoomInput(Reasoned):
    room_id: strawberry.ID = strawberry.field(description="The `id` of the room.")
    locked: bool = strawberry.field(description="False unlocks a locked room.", default=True)


@strawberry.type(description="The room that was locked or unlocked.")
class LockRoomPayload:
    room: Room = strawberry.field(description="The room as it is now.")


@strawberry.input(description="The room that shall go.")
class DeleteRoomInput:
    room_id: strawberry.ID = strawberry.field(description="The `id` of the room.")


@strawberry.type(description="The room that is gone.")
class DeleteRoomPayload:
    room_id: strawberry.ID = strawberry.field(description="The `id` that the room had.")


@strawberry.type
class RoomMutations:
    @strawberry.mutation(
        description="Open a room in a house. In a public house it makes the viewer a member."
    )
    async def create_room(self, info: Info, input: Annotated[CreateRoomInput, GIVEN]) -> CreateRoomPayload:
        key = read_id(input.house_id, "House", "houseId")
        room = await info.context.perform(rooms.create_room, key, input.title, input.topic)
        return CreateRoomPayload(room=show(room))

    @strawberry.mutation(description="Change a room. Who opened it may, and moderators.")
    async def update_room(self, info: Info, input: Annotated[UpdateRoomInput, GIVEN]) -> UpdateRoomPayload:
        key = read_id(input.room_id, "Room", "roomId")
        room = await info.context.perform(rooms.update_room, key, input.title, input.topic)
        return UpdateRoomPayload(room=show(room))

    @strawberry.mutation(
        description="Close a room for new talks, or open it again; it can still be read. Who opened it may, and moderators."
    )
    async def archive_room(self, info: Info, input: Annotated[ArchiveRoomInput, GIVEN]) -> ArchiveRoomPayload:
        key = read_id(input.room_id, "Room", "roomId")
        room = await info.context.perform(rooms.archive_room, key, input.archived)
        return ArchiveRoomPayload(room=show(room))

    @strawberry.mutation(
        description="Let only moderators speak in a room, or everybody again. Moderators and the owner may."
    )
    async def lock_room(self, info: Info, input: Annotated[LockRoomInput, GIVEN]) -> LockRoomPayload:
        given = read_id(input.room_id, "Room", "roomId"), input.locked, input.reason
        return LockRoomPayload(room=show(await info.context.perform(rooms.lock_room, *given)))

    @strawberry.mutation(description="Delete a room with its talks, for ever. Only the house's owner may.")
    async def delete_room(self, info: Info, input: Annotated[DeleteRoomInput, GIVEN]) -> DeleteRoomPayload:
        await info.context.perform(rooms.delete_room, read_id(input.room_id, "Room", "roomId"))
        return DeleteRoomPayload(room_id=input.room_id)
