"""What was done by rank in a house, and why somebody may or may not do something there."""

from collections.abc import Collection
from typing import NamedTuple

from chatgraph.errors import Forbidden, NotFound
from chatgraph.models import AuditEntry, Look, Page, Standing, Window
from chatgraph.operations.rights import Decision, about, decide, require
from chatgraph.operations.rules import ON_ROOMS, ON_TALKS, Action
from chatgraph.operations.sight import houses_for, let_see, lists_of, see_house, see_room, see_talk
from chatgraph.operations.work import Work
from chatgraph.store import accounts, audit, houses


async def list_entries(
    work: Work, house_ids: Collection[int], window: Window
) -> dict[int, Page[AuditEntry] | Forbidden]:
    """List what was done in those of the houses that the viewer sees, newest first. Moderators may."""
    seen = await houses_for(work, house_ids, Action.READ_AUDIT_LOG)
    return await lists_of(seen, lambda ids: audit.pages(work.db, ids, window))


async def load_entries(work: Work, entry_ids: Collection[int]) -> dict[int, AuditEntry | Forbidden]:
    """Give those of the entries that the viewer sees. Moderators may."""
    return let_see(await audit.find(work.db, work.look, entry_ids), Action.READ_AUDIT_LOG)


async def list_operator_entries(work: Work, window: Window) -> Page[AuditEntry]:
    """List what the operator did, anywhere, newest first. For the operator."""
    return await audit.page_of_operator(work.db, window)


class Explanation(NamedTuple):
    """Why somebody may or may not do something: the decision, and their standing by which it was made."""

    decision: Decision
    standing: Standing


async def explain(
    work: Work,
    house_id: int,
    user_id: int,
    action: Action,
    *,
    room_id: int | None = None,
    talk_id: int | None = None,
) -> Explanation:
    """
    Say whether a user may do *action* in a house, to a room or to a talk of it, and what decides. Moderators may ask.

    Raises `NotFound`, `Forbidden`.
    """
    house, room, talk = await see_house(work, house_id), None, None
    require(house, work.viewer, Action.EXPLAIN_RIGHTS)
    if talk_id is not None:
        talk, room, _ = await see_talk(work, talk_id)
    elif room_id is not None:
        room, _ = await see_room(work, room_id)
    if room is not None and room.house_id != house_id:
        raise NotFound("room" if talk is None else "talk")
    users = await accounts.find(work.db, [user_id])
    theirs = await houses.get(work.db, Look(user_id, work.now), house_id)
    if not users or theirs is None:
        raise NotFound("user")
    creator_id = None
    if talk is not None and action in ON_TALKS:
        creator_id = talk.creator_id
    elif room is not None and action in ON_ROOMS:
        creator_id = room.creator_id
    standing = theirs.standing._replace(active=users[0].deactivate_time is None)
    thing = about(house, user_id, room=room, creator_id=creator_id)
    thing = thing._replace(removed=talk is not None and talk.remove_time is not None)
    return Explanation(decide(standing, action, thing), standing)
