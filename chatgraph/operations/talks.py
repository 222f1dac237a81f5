"""Talks: what people say in rooms."""

from collections.abc import Collection

from chatgraph.errors import Conflict, Forbidden
from chatgraph.events.kinds import Kind
from chatgraph.models import Act, Page, Talk, Window
from chatgraph.operations import texts
from chatgraph.operations.members import let_in
from chatgraph.operations.places import abreast
from chatgraph.operations.rights import Because, require
from chatgraph.operations.rules import Action
from chatgraph.operations.sight import let_see, lists_of, rooms_for, see_room, see_talk
from chatgraph.operations.work import Work
from chatgraph.store import rooms, talks


async def list_talks(
    work: Work, room_ids: Collection[int], window: Window
) -> dict[int, Page[Talk] | Forbidden]:
    """List the talks of those of the rooms that the viewer sees by seq, oldest first; removed ones are tombstones."""
    return await lists_of(await rooms_for(work, room_ids), lambda ids: _pages(work, ids, window))


async def _pages(work: Work, room_ids: list[int], window: Window) -> dict[int, Page[Talk]]:
    if work.memory is not None and len(room_ids) == 1:
        seen = work.sights.rooms[room_ids[0]]
        if seen is not None and seen.journal_seq is not None:
            page = await work.memory.page(work.db, seen.noun, seen.journal_seq, window)
            return {seen.noun.id: page}
    return await talks.pages(work.db, room_ids, window)


async def list_all_talks(work: Work, window: Window) -> Page[Talk]:
    """List all the talks that the viewer sees by id, oldest first; removed ones are tombstones."""
    return await talks.page_of_all(work.db, work.look, window)


async def load_talks(work: Work, talk_ids: Collection[int]) -> dict[int, Talk | Forbidden]:
    """Give those of the talks that the viewer sees."""
    return let_see(await talks.find(work.db, work.look, talk_ids))


@abreast
async def post_talk(
    work: Work, room_id: int, content: str, client_key: str | None = None
) -> tuple[Talk, bool]:
    """
    Say something in a room. Gives the talk, and whether it stood there already.

    The first talk in a public house makes the viewer a member. *content* is 1 to 4000 characters; *client_key*
    makes a retry give the first talk, for ever.

    Raises `NotFound`, `Forbidden` (muted, archived, locked), `Invalid`. Announces `MEMBER_JOINED`, `TALK_POSTED`.
    """
    author_id = work.viewer.known()
    content = texts.talk(content)
    room, house = await see_room(work, room_id, Action.POST_TALK)
    if client_key is not None:
        client_key = texts.client_key(client_key)
        if first := await talks.by_client_key(work.db, room_id, author_id, client_key):
            return first, True
    require(house, work.viewer, Action.POST_TALK, room=room)
    await let_in(work, house)
    seq = await rooms.next_seq(work.db, room_id)
    talk = await talks.add(work.db, room_id, seq, content, author_id, client_key, work.now)
    work.announce(Kind.TALK_POSTED, house.id, talk.id, room_id)
    return talk, False


async def edit_talk(work: Work, talk_id: int, content: str) -> Talk:
    """
    Say it differently. Only its author may, and not once it was removed or its room archived.

    Raises `NotFound`, `Forbidden`, `Conflict` (removed), `Invalid`. Announces `TALK_EDITED`.
    """
    content = texts.talk(content)
    talk, room, house = await see_talk(work, talk_id, Action.EDIT_TALK)
    require(house, work.viewer, Action.EDIT_TALK, room=room, creator_id=talk.creator_id)
    if talk.remove_time is not None:
        raise Conflict("This talk was removed; it can't be edited any more.", "talkId")
    if content == talk.content:
        return talk
    work.announce(Kind.TALK_EDITED, house.id, talk_id, room.id)
    return await talks.change(work.db, talk_id, content=content, edit_time=work.now)


async def remove_talk(work: Work, talk_id: int, reason: str = "") -> Talk:
    """
    Take back what was said: a tombstone with its seq stays, its content is gone for ever.

    Raises `NotFound`, `Forbidden`, `Invalid`. Announces `TALK_REMOVED`.
    """
    talk, room, house = await see_talk(work, talk_id, Action.REMOVE_TALK)
    decision = require(house, work.viewer, Action.REMOVE_TALK, creator_id=talk.creator_id)
    reason = texts.reason(reason)
    if talk.remove_time is not None:
        return talk
    if decision.because is Because.ROLE:
        work.record(Act.TALK_REMOVED, house.id, talk_id, reason=reason)
    work.announce(Kind.TALK_REMOVED, house.id, talk_id, room.id)
    return await talks.change(work.db, talk_id, content=None, remove_time=work.now)
