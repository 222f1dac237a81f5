"""Rooms: the conversations of a house."""

from collections.abc import Collection

from chatgraph.events.kinds import Kind
from chatgraph.models import Page, Room, Window
from chatgraph.operations import texts
from chatgraph.operations.members import let_in
from chatgraph.operations.rights import Action, require
from chatgraph.operations.sight import see_house, see_room
from chatgraph.operations.work import Work
from chatgraph.store import houses, rooms


async def list_rooms(work: Work, house_ids: Collection[int], window: Window) -> dict[int, Page[Room]]:
    """List the rooms of those of the houses that the viewer sees, newest first."""
    seen = await houses.find(work.db, work.viewer.known(), house_ids)
    return await rooms.pages(work.db, [house.id for house in seen], window)


async def list_all_rooms(work: Work, window: Window) -> Page[Room]:
    """List all the rooms that the viewer sees, newest first."""
    return await rooms.page_of_all(work.db, work.viewer.known(), window)


async def load_rooms(work: Work, room_ids: Collection[int]) -> list[Room]:
    """Give those of the rooms that the viewer sees, in no order."""
    return await rooms.find(work.db, work.viewer.known(), room_ids)


async def create_room(work: Work, house_id: int, title: str, topic: str) -> Room:
    """
    Open a room in a house. In a public house it makes the viewer a member.

    Raises `NotFound`, `Forbidden`, `Invalid`. Announces `MEMBER_JOINED`, `ROOM_CREATED`.
    """
    house = await see_house(work, house_id)
    require(house, work.viewer, Action.CREATE_ROOM)
    named = texts.one_line(title, "title"), texts.paragraph(topic, "topic")
    await let_in(work, house)
    room = await rooms.add(work.db, house_id, *named, work.viewer.known(), work.now)
    work.announce(Kind.ROOM_CREATED, house_id, room.id, room.id)
    return room


async def update_room(work: Work, room_id: int, title: str | None, topic: str | None) -> Room:
    """
    Change what is given of a room; None leaves it as it is.

    Raises `NotFound`, `Forbidden`, `Invalid`. Announces `ROOM_UPDATED`.
    """
    room, house = await see_room(work, room_id)
    require(house, work.viewer, Action.UPDATE_ROOM, room.creator_id)
    changed = room._replace(
        title=room.title if title is None else texts.one_line(title, "title"),
        topic=room.topic if topic is None else texts.paragraph(topic, "topic"),
    )
    if changed != room:
        await rooms.change(work.db, room_id, title=changed.title, topic=changed.topic)
        work.announce(Kind.ROOM_UPDATED, house.id, room_id, room_id)
    return changed


async def archive_room(work: Work, room_id: int, archived: bool = True) -> Room:
    """
    Close a room for new talks while it can still be read; *archived* False opens it again.

    Raises `NotFound`, `Forbidden`. Announces `ROOM_ARCHIVED`, or `ROOM_UPDATED` when it is opened again.
    """
    room, house = await see_room(work, room_id)
    require(house, work.viewer, Action.ARCHIVE_ROOM, room.creator_id)
    if archived == (room.archive_time is not None):
        return room
    archive_time = work.now if archived else None
    await rooms.change(work.db, room_id, archive_time=archive_time)
    work.announce(Kind.ROOM_ARCHIVED if archived else Kind.ROOM_UPDATED, house.id, room_id, room_id)
    return room._replace(archive_time=archive_time)


async def delete_room(work: Work, room_id: int) -> Room:
    """
    Delete a room with its talks, for ever, and give it as it was.

    Raises `NotFound`, `Forbidden`. Announces `ROOM_DELETED`.
    """
    room, house = await see_room(work, room_id)
    require(house, work.viewer, Action.DELETE_ROOM, room.creator_id)
    await rooms.change(work.db, room_id, delete_time=work.now)
    work.announce(Kind.ROOM_DELETED, house.id, room_id, room_id)
    return room
