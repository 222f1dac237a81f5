"""Rooms: the conversations of a house."""

from collections.abc import Collection

from chatgraph.errors import Forbidden
from chatgraph.events.kinds import Kind
from chatgraph.models import Act, House, Page, Room, Window
from chatgraph.operations import texts
from chatgraph.operations.members import let_in
from chatgraph.operations.rights import Because, require
from chatgraph.operations.rules import Action
from chatgraph.operations.sight import houses_for, lists_of, rooms_for, see_house, see_room
from chatgraph.operations.work import Work
from chatgraph.store import rooms


async def list_rooms(
    work: Work, house_ids: Collection[int], window: Window
) -> dict[int, Page[Room] | Forbidden]:
    """List the rooms of those of the houses that the viewer sees, newest first."""
    return await lists_of(await houses_for(work, house_ids), lambda ids: rooms.pages(work.db, ids, window))


async def list_all_rooms(work: Work, window: Window) -> Page[Room]:
    """List all the rooms that the viewer sees, newest first."""
    return await rooms.page_of_all(work.db, work.look, window)


async def load_rooms(work: Work, room_ids: Collection[int]) -> dict[int, Room | Forbidden]:
    """Give those of the rooms that the viewer sees."""
    return await rooms_for(work, room_ids)


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
    room, house, because = await _aim_at(work, room_id, Action.UPDATE_ROOM)
    changed = room._replace(
        title=room.title if title is None else texts.one_line(title, "title"),
        topic=room.topic if topic is None else texts.paragraph(topic, "topic"),
    )
    if changed == room:
        return room
    await rooms.change(work.db, room_id, title=changed.title, topic=changed.topic)
    work.announce(Kind.ROOM_UPDATED, house.id, room_id, room_id)
    if because is Because.ROLE:
        work.record(Act.ROOM_UPDATED, house.id, room_id, detail=room.title)
    return changed


async def archive_room(work: Work, room_id: int, archived: bool = True) -> Room:
    """
    Close a room for new talks while it can still be read; *archived* False opens it again.

    Raises `NotFound`, `Forbidden`. Announces `ROOM_ARCHIVED`, or `ROOM_UPDATED` when it is opened again.
    """
    room, house, because = await _aim_at(work, room_id, Action.ARCHIVE_ROOM)
    if archived == (room.archive_time is not None):
        return room
    archive_time = work.now if archived else None
    await rooms.change(work.db, room_id, archive_time=archive_time)
    work.announce(Kind.ROOM_ARCHIVED if archived else Kind.ROOM_UPDATED, house.id, room_id, room_id)
    if because is Because.ROLE:
        work.record(
            Act.ROOM_ARCHIVED if archived else Act.ROOM_REOPENED, house.id, room_id, detail=room.title
        )
    return room._replace(archive_time=archive_time)


async def lock_room(work: Work, room_id: int, locked: bool = True, reason: str = "") -> Room:
    """
    Let only moderators speak in a room; *locked* False lets everybody speak again.

    Raises `NotFound`, `Forbidden`, `Invalid`. Announces `ROOM_UPDATED`.
    """
    room, house, because = await _aim_at(work, room_id, Action.LOCK_ROOM)
    reason = texts.reason(reason)
    if locked == (room.lock_time is not None):
        return room
    lock_time = work.now if locked else None
    await rooms.change(work.db, room_id, lock_time=lock_time)
    work.announce(Kind.ROOM_UPDATED, house.id, room_id, room_id)
    if because is Because.ROLE:
        work.record(
            Act.ROOM_LOCKED if locked else Act.ROOM_UNLOCKED,
            house.id,
            room_id,
            detail=room.title,
            reason=reason,
        )
    return room._replace(lock_time=lock_time)


async def delete_room(work: Work, room_id: int) -> Room:
    """
    Delete a room with its talks, for ever, and give it as it was.

    Raises `NotFound`, `Forbidden`. Announces `ROOM_DELETED`.
    """
    room, house, because = await _aim_at(work, room_id, Action.DELETE_ROOM)
    await rooms.change(work.db, room_id, delete_time=work.now)
    work.announce(Kind.ROOM_DELETED, house.id, room_id, room_id)
    if because is Because.ROLE:
        work.record(Act.ROOM_DELETED, house.id, room_id, detail=room.title)
    return room


async def _aim_at(work: Work, room_id: int, action: Action) -> tuple[Room, House, Because]:
    """Give a room that the viewer may do *action* to, its house, and why they may. Raises `NotFound`, `Forbidden`."""
    room, house = await see_room(work, room_id, action)
    decision = require(house, work.viewer, action, room=room, creator_id=room.creator_id)
    return room, house, decision.because
