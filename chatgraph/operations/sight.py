"""What the viewer sees. What they don't see is not found, in the words for what never was."""

from chatgraph.errors import NotFound
from chatgraph.models import House, Room, Talk
from chatgraph.operations.work import Work
from chatgraph.store import houses, rooms, talks


async def see_house(work: Work, house_id: int) -> House:
    """Give the house. Raises `NotFound`, `Unauthenticated`."""
    found = await houses.find(work.db, work.viewer.known(), [house_id])
    if not found:
        raise NotFound("house")
    return found[0]


async def see_room(work: Work, room_id: int) -> tuple[Room, House]:
    """Give the room and its house. Raises `NotFound`, `Unauthenticated`."""
    found = await rooms.with_house(work.db, work.viewer.known(), room_id)
    if found is None:
        raise NotFound("room")
    return found


async def see_talk(work: Work, talk_id: int) -> tuple[Talk, Room, House]:
    """Give the talk, its room and its house. Raises `NotFound`, `Unauthenticated`."""
    found = await talks.with_room(work.db, work.viewer.known(), talk_id)
    if found is None:
        raise NotFound("talk")
    return found
