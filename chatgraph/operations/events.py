"""What happened in a house, for who follows its journal."""

from collections.abc import Collection

from chatgraph.events.kinds import Kind
from chatgraph.models import Happening, House, Stretch
from chatgraph.operations.rights import require
from chatgraph.operations.rules import Action
from chatgraph.operations.sight import see_house, see_room
from chatgraph.operations.work import Work
from chatgraph.store import journal, sessions, sign_outs


async def follow(work: Work, house_id: int, room_id: int | None = None) -> House:
    """
    Give a house, at the position of its journal, to who may listen to it or to a room of it.

    Raises `NotFound`, `Forbidden`, `Unauthenticated`.
    """
    if room_id is not None:
        return (await see_room(work, room_id))[1]
    house = await see_house(work, house_id)
    require(house, work.viewer, Action.READ)
    return house


async def read_on(work: Work, house_id: int, room_id: int | None, after: int, most: int = 100) -> Stretch:
    """
    Give what follows a position in a house's journal, to who may listen.

    Raises `NotFound`, `Forbidden`, `Unauthenticated`.
    """
    house = await follow(work, house_id, room_id)
    return await journal.read(work.db, house_id, after, house.journal_seq, most)


async def find_ending(work: Work, house_id: int, room_id: int | None, after: int) -> Happening | None:
    """
    Give what took the right to listen from the viewer, who had it at a position in the house's journal.

    That is that they left or were put out, or that the house or room was deleted while they might know of it. None
    where it was something else, such as a ban of who isn't a member, or a house that was made private: the journal
    doesn't hold what it was before. Raises `Unauthenticated`.
    """
    user_id = work.viewer.known()
    wanted = [(Kind.MEMBER_LEFT, user_id), (Kind.USER_BANNED, user_id)]
    wanted += [(Kind.HOUSE_UPDATED, house_id), (Kind.HOUSE_DELETED, house_id)]
    if room_id is not None:
        wanted.append((Kind.ROOM_DELETED, room_id))
    may_know = True
    for one in await journal.read_about(work.db, house_id, after, wanted, 100):
        if one.kind in (Kind.HOUSE_UPDATED, Kind.USER_BANNED):
            may_know = False  # what comes later may have come when they didn't see the house any more
        elif may_know or one.kind == Kind.MEMBER_LEFT:
            return one
    return None


async def read_anywhere(work: Work, house_id: int, after: int, most: int) -> list[Happening]:
    """Give what follows a position in a house's journal, whoever asks: to be counted, not to be shown."""
    return (await journal.read(work.db, house_id, after, after, most)).happenings


async def read_heads(work: Work, house_ids: Collection[int]) -> dict[int, int]:
    """Give how far the journals of houses have come, whoever asks."""
    return await journal.heads(work.db, house_ids)


async def find_ended(work: Work, session_ids: Collection[int]) -> set[int]:
    """Give those of the sessions that don't go on, whoever asks."""
    return set(session_ids) - await sessions.alive(work.db, session_ids, work.now)


async def find_last_sign_out(work: Work) -> int:
    """Give the position of the last sign-out, whoever asks."""
    return await sign_outs.head(work.db)


async def read_sign_outs(work: Work, after: int) -> list[tuple[int, int]]:
    """Give the positions and users of sign-outs after one, up to 1000, whoever asks."""
    return await sign_outs.after(work.db, after)
