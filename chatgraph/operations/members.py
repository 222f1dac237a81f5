"""Who belongs to a house: joining, leaving, and being listed."""

from collections.abc import Collection

from chatgraph.errors import Conflict, NotFound
from chatgraph.events.kinds import Kind
from chatgraph.models import House, Member, Page, Rank, Window
from chatgraph.operations.rights import Action, require
from chatgraph.operations.sight import see_house
from chatgraph.operations.work import Work
from chatgraph.store import houses, members


async def list_members(work: Work, house_ids: Collection[int], window: Window) -> dict[int, Page[Member]]:
    """List the members of those of the houses that the viewer sees, longest in the house first."""
    seen = await houses.find(work.db, work.viewer.known(), house_ids)
    return await members.pages(work.db, [house.id for house in seen], window)


async def load_members(work: Work, member_ids: Collection[int]) -> list[Member]:
    """Give those of the members that the viewer sees, in no order."""
    return await members.find(work.db, work.viewer.known(), member_ids)


async def join_house(work: Work, house_id: int) -> House:
    """
    Become a member of a public house. A member stays one.

    Raises `NotFound`. Announces `MEMBER_JOINED`.
    """
    house = await see_house(work, house_id)
    return work.as_left(await let_in(work, house))


async def leave_house(work: Work, house_id: int) -> House:
    """
    Stop being a member, and give the house as it was left.

    Raises `NotFound`, `Conflict` (not a member), `Forbidden` (the owner). Announces `MEMBER_LEFT`.
    """
    house = await see_house(work, house_id)
    member = await members.get(work.db, house_id, work.viewer.known())
    if member is None:
        raise Conflict("You are not a member of this house.", "houseId")
    require(house, work.viewer, Action.LEAVE_HOUSE)
    await members.take_out(work.db, member)
    work.announce(Kind.MEMBER_LEFT, house_id, member.user_id)
    return work.as_left(house._replace(viewer_rank=None, member_count=house.member_count - 1))


async def let_in(work: Work, house: House) -> House:
    """Make the viewer a member of a house that they see, if they aren't one: speaking joins. Announces `MEMBER_JOINED`."""
    if house.viewer_rank is not None:
        return house
    await members.add(work.db, house.id, work.viewer.known(), Rank.MEMBER, work.now)
    work.announce(Kind.MEMBER_JOINED, house.id, work.viewer.known())
    return house._replace(viewer_rank=Rank.MEMBER, member_count=house.member_count + 1)


async def hand_over(work: Work, house_id: int, user_id: int) -> Member:
    """
    Make a user the owner of a house; who owned it becomes a moderator. For the operator, who sees every house.

    Raises `NotFound`. Announces `MEMBER_JOINED`, `MEMBER_CHANGED`.
    """
    if not await houses.exists(work.db, house_id):
        raise NotFound("house")
    before = await members.owner(work.db, house_id)
    if before is not None and before.user_id == user_id:
        return before
    if before is not None:
        await members.set_rank(work.db, before.id, Rank.MODERATOR)
        work.announce(Kind.MEMBER_CHANGED, house_id, before.user_id)
    member = await members.get(work.db, house_id, user_id)
    if member is None:
        work.announce(Kind.MEMBER_JOINED, house_id, user_id)
        return await members.add(work.db, house_id, user_id, Rank.OWNER, work.now)
    await members.set_rank(work.db, member.id, Rank.OWNER)
    work.announce(Kind.MEMBER_CHANGED, house_id, user_id)
    return member._replace(rank=Rank.OWNER)
