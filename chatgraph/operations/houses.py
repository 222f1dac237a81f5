"""Houses: the communities that rooms stand in."""

from collections.abc import Collection

from chatgraph.events.kinds import Kind
from chatgraph.models import Act, House, Page, Rank, Visibility, Window
from chatgraph.operations import texts
from chatgraph.operations.members import admit, require_heir
from chatgraph.operations.rights import require
from chatgraph.operations.rules import Action
from chatgraph.operations.sight import see_house
from chatgraph.operations.work import Work
from chatgraph.store import houses, members


async def list_houses(work: Work, window: Window) -> Page[House]:
    """List the houses that the viewer sees, oldest first."""
    return await houses.page(work.db, work.look, window)


async def list_joined_houses(work: Work, window: Window) -> Page[House]:
    """List the houses to which the viewer belongs, oldest first."""
    joined = await members.houses_of(work.db, work.viewer.known())
    return await houses.page_of_some(work.db, work.look, joined, window)


async def load_houses(work: Work, house_ids: Collection[int]) -> dict[int, House]:
    """Give those of the houses that the viewer sees, also those they are banned from."""
    return {house.id: house for house in await houses.find(work.db, work.look, house_ids)}


async def list_every_house(work: Work, window: Window) -> Page[House]:
    """List all houses, oldest first. For the operator, who is no member anywhere."""
    return await houses.page_of_all(work.db, window)


async def create_house(
    work: Work, name: str, description: str, visibility: Visibility, accepts_join_requests: bool = False
) -> House:
    """
    Found a house; the viewer owns it.

    Raises `Invalid`. Announces `MEMBER_JOINED`.
    """
    founder_id = work.viewer.known()
    house_id = await _found(work, founder_id, name, description, visibility, accepts_join_requests)
    return work.as_left((await houses.find(work.db, work.look, [house_id]))[0])


async def found_house(
    work: Work, founder_id: int, name: str, description: str, visibility: Visibility
) -> int:
    """Found a house that somebody else shall own, and give its id. For the operator. Raises `Invalid`, `Conflict`."""
    await require_heir(work, founder_id)
    house_id = await _found(work, founder_id, name, description, visibility)
    work.record(Act.HOUSE_FOUNDED, house_id, house_id)
    return house_id


async def update_house(
    work: Work,
    house_id: int,
    name: str | None,
    description: str | None,
    visibility: Visibility | None,
    accepts_join_requests: bool | None = None,
) -> House:
    """
    Change what is given of a house; None leaves it as it is. A house made private is seen by its members alone.

    Raises `NotFound`, `Forbidden`, `Invalid`. Announces `HOUSE_UPDATED`.
    """
    house = await see_house(work, house_id)
    require(house, work.viewer, Action.UPDATE_HOUSE)
    given = {
        "name": None if name is None else texts.one_line(name, "name"),
        "description": None if description is None else texts.paragraph(description, "description"),
        "visibility": visibility,
        "accepts_join_requests": accepts_join_requests,
    }
    changed = {key: value for key, value in given.items() if value not in (None, getattr(house, key))}
    if changed:
        kept = {key: value.value if key == "visibility" else value for key, value in changed.items()}
        await houses.change(work.db, house_id, **kept)
        work.announce(Kind.HOUSE_UPDATED, house_id, house_id)
        work.record(Act.HOUSE_UPDATED, house_id, house_id, detail=", ".join(sorted(changed)))
    return work.as_left(house._replace(**changed))


async def delete_house(work: Work, house_id: int) -> House:
    """
    Delete a house with all that is in it, for ever, and give it as it was.

    Raises `NotFound`, `Forbidden`. Announces `HOUSE_DELETED`.
    """
    house = await see_house(work, house_id)
    require(house, work.viewer, Action.DELETE_HOUSE)
    await houses.change(work.db, house_id, name="", description="", delete_time=work.now)
    work.announce(Kind.HOUSE_DELETED, house_id, house_id)
    return house


async def _found(
    work: Work,
    founder_id: int,
    name: str,
    description: str,
    visibility: Visibility,
    accepts_join_requests: bool = False,
) -> int:
    named = texts.one_line(name, "name"), texts.paragraph(description, "description")
    house_id = await houses.add(work.db, *named, visibility, accepts_join_requests, work.now)
    await admit(work, house_id, founder_id, Rank.OWNER)
    return house_id
