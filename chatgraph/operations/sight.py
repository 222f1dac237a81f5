"""What the viewer sees. What they don't see is not found, in the words for what never was."""

from collections.abc import Awaitable, Callable, Collection, Iterable
from typing import Any, TypeVar

from chatgraph.errors import Forbidden, NotFound
from chatgraph.models import House, Page, Room, Seen, Talk
from chatgraph.operations.rights import Thing, decide, refusal
from chatgraph.operations.rules import Action
from chatgraph.operations.work import Work
from chatgraph.store import houses, rooms, talks

Noun = TypeVar("Noun", bound=Any)
Item = TypeVar("Item")
ANYTHING = Thing()


async def see_house(work: Work, house_id: int) -> House:
    """Give the house, also to who is banned from it and sees that it exists. Raises `NotFound`, `Unauthenticated`."""
    found = await houses.find(work.db, work.look, [house_id])
    if not found:
        raise NotFound("house")
    return found[0]


async def see_room(work: Work, room_id: int, action: Action = Action.READ) -> tuple[Room, House]:
    """
    Give the room and its house, to who may look into that.

    Raises `NotFound`, `Forbidden` (banned, in the words of what they want to do), `Unauthenticated`.
    """
    found = await rooms.with_house(work.db, work.look, room_id)
    if found is None:
        raise NotFound("room")
    _require_sight(found[1], action)
    return found


async def see_talk(work: Work, talk_id: int, action: Action = Action.READ) -> tuple[Talk, Room, House]:
    """Give the talk, its room and its house, as `see_room` does. Raises `NotFound`, `Forbidden`, `Unauthenticated`."""
    found = await talks.with_room(work.db, work.look, talk_id)
    if found is None:
        raise NotFound("talk")
    _require_sight(found[2], action)
    return found


def _require_sight(house: House, action: Action) -> None:
    decision = decide(house.standing, Action.READ, Thing(house.visibility))
    if not decision.allowed:
        raise refusal(action, decision)


def let_see(found: Iterable[Seen[Noun]], action: Action = Action.READ) -> dict[int, Noun | Forbidden]:
    """Give each thing by its id, or why it is refused: the viewer knows of its house, but may not do *action* there."""
    told: dict[int, Noun | Forbidden] = {}
    for noun, standing, _ in found:
        decision = decide(standing, action, ANYTHING)
        told[noun.id] = noun if decision.allowed else refusal(action, decision)
    return told


async def lists_of(
    parents: dict[int, Noun | Forbidden],
    read: Callable[[list[int]], Awaitable[dict[int, Page[Item]]]],
) -> dict[int, Page[Item] | Forbidden]:
    """Read the lists that hang on those of the parents that aren't refused."""
    refused = {one: parent for one, parent in parents.items() if isinstance(parent, Forbidden)}
    return {**refused, **await read([one for one in parents if one not in refused])}


async def houses_for(
    work: Work, house_ids: Iterable[int], action: Action = Action.READ
) -> dict[int, House | Forbidden]:
    """Give those of the houses that the viewer sees, or why they may not do *action* there."""
    wanted, seen = list(house_ids), work.sights.houses
    if missing := [one for one in wanted if one not in seen]:
        found = await houses.find(work.db, work.look, missing)
        seen |= dict.fromkeys(missing) | {house.id: house for house in found}
    known = [house for one in wanted if (house := seen[one])]
    return let_see((Seen(house, house.standing) for house in known), action)


async def rooms_for(work: Work, room_ids: Collection[int]) -> dict[int, Room | Forbidden]:
    """Give those of the rooms that the viewer sees, or why they may not look into them."""
    seen = work.sights.rooms
    if missing := [one for one in room_ids if one not in seen]:
        found = await rooms.find(work.db, work.look, missing)
        seen.update(dict.fromkeys(missing))
        seen.update((one.noun.id, one) for one in found)
    return let_see([one for each in room_ids if (one := seen[each])])
