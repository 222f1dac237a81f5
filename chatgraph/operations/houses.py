"""Houses: the communities that rooms stand in."""

from collections.abc import Collection

from chatgraph.events.kinds import Kind
from chatgraph.models import House, Page, Rank, Visibility, Window
from chatgraph.operations import texts
from chatgraph.operations.rights import Action, require
from chatgraph.operations.sight import see_house
from chatgraph.operations.work import Work
from chatgraph.store import houses, members


async def list_houses(work: Work, window: Window) -> Page[House]:
    """List the houses that the viewer sees, oldest first."""
    return await houses.page(work.db, work.viewer.known(), window)


async def load_houses(work: Work, house_ids: Collection[int]) -> list[House]:
    """Give those of the houses that the viewer sees, in no order."""
    return await houses.find(work.db, work.viewer.known(), house_ids)


async def list_every_house(work: Work, window: Window) -> Page[House]:
    """List all houses, oldest first. For the operator, who is no member anywhere."""
    return await houses.page_of_all(work.db, window)


async def create_house(work: Work, name: str, description: str, visibility: Visibility) -> House:
    """
    Found a house; the viewer owns it.

    Raises `Invalid`. Announces `MEMBER_JOINED`.
    """
    return await found_house(work, work.viewer.known(), name, description, visibility)


async def found_house(
    work: Work, founder_id: int, name: str, description: str, visibility: Visibility
) -> House:
    """Found a house that somebody else shall own. For the operator. Raises `Invalid`. Announces `MEMBER_JOINED`."""
    named = texts.one_line(name, "name"), texts.paragraph(description, "description")
    house_id = await houses.add(work.db, *named, visibility, work.now)
    await members.add(work.db, house_id, founder_id, Rank.OWNER, work.now)
    work.announce(Kind.MEMBER_JOINED, house_id, founder_id)
    return work.as_left((await houses.find(work.db, founder_id, [house_id]))[0])


async def update_house(
    work: Work, house_id: int, name: str | None, description: str | None, visibility: Visibility | None
) -> House:
    """
    Change what is given of a house; None leaves it as it is. A house made private is seen by its members alone.

    Raises `NotFound`, `Forbidden`, `Invalid`. Announces `HOUSE_UPDATED`.
    """
    house = await see_house(work, house_id)
    require(house, work.viewer, Action.UPDATE_HOUSE)
    changed = {
        "name": None if name is None else texts.one_line(name, "name"),
        "description": None if description is None else texts.paragraph(description, "description"),
        "visibility": visibility,
    }
    changed = {
        key: value for key, value in changed.items() if value is not None and value != getattr(house, key)
    }
    if changed:
        kept = changed | ({"visibility": visibility.value} if visibility and "visibility" in changed else {})
        await houses.change(work.db, house_id, **kept)
        work.announce(Kind.HOUSE_UPDATED, house_id, house_id)
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
