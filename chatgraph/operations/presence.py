"""Who is there, and who writes: told to who may know, and never kept."""

from datetime import timedelta

from chatgraph.events.whispers import Moved, PresenceIn, TypingIn, Wrote
from chatgraph.models import House, User
from chatgraph.operations.rights import require
from chatgraph.operations.rules import Action
from chatgraph.operations.sight import see_house, see_room
from chatgraph.operations.work import Work
from chatgraph.store import accounts, members

TYPING = timedelta(seconds=6)


async def set_typing(work: Work, room_id: int, typing: bool = True) -> Wrote:
    """
    Say that the viewer writes in a room where they may speak, or stopped. It is old after 6 seconds.

    Raises `NotFound`, `Forbidden`, `Unauthenticated`.
    """
    room, house = await see_room(work, room_id)
    require(house, work.viewer, Action.POST_TALK, room=room)
    wrote = Wrote(room_id, work.viewer.known(), typing, work.now + TYPING)
    work.whisper(TypingIn(room_id), wrote)
    return wrote


async def see_presence(work: Work, house_id: int) -> House:
    """
    Give a house to who may know which of its members are there: to its members.

    Raises `NotFound`, `Forbidden`, `Unauthenticated`.
    """
    house = await see_house(work, house_id)
    require(house, work.viewer, Action.SEE_PRESENCE)
    return house


async def hide_presence(work: Work, hidden: bool) -> User:
    """Hide whether the viewer is there, or show it again from their next connection on. Raises `Unauthenticated`."""
    user_id = work.viewer.known()
    if hidden:
        for house_id in await find_whereabouts(work, user_id):
            work.whisper(PresenceIn(house_id), Moved(user_id, online=False))
    await accounts.set_hides_presence(work.db, user_id, hidden)
    [user] = await accounts.find(work.db, [user_id])
    return user


async def find_whereabouts(work: Work, user_id: int) -> list[int]:
    """Give the houses where it is told that a user came or went, whoever asks: none, when they hide it."""
    hidden = any(user.hides_presence for user in await accounts.find(work.db, [user_id]))
    return [] if hidden else await members.houses_of(work.db, user_id)


async def find_present(work: Work, house_id: int, online: set[int]) -> list[int]:
    """Give those who are *online* of a house's members and show it. Raises what `see_presence` does."""
    await see_presence(work, house_id)
    return await members.shown(work.db, house_id, online)


async def list_own_houses(work: Work) -> list[int]:
    """Give the houses that the viewer is a member of, in no order."""
    return await members.houses_of(work.db, work.viewer.known())
