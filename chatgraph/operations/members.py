"""Who belongs to a house: joining, leaving, being removed, and what role somebody has."""

from collections.abc import Collection

from chatgraph.errors import Conflict, Forbidden, Invalid, NotFound
from chatgraph.events.kinds import Kind
from chatgraph.models import Act, House, Member, Membership, Page, Rank, RequestState, Standing, Window
from chatgraph.operations import texts
from chatgraph.operations.rights import Thing, decide, require
from chatgraph.operations.rules import Action
from chatgraph.operations.sight import houses_for, let_see, lists_of, see_house
from chatgraph.operations.work import Work
from chatgraph.store import accounts, bans, houses, invites, join_requests, members


async def list_members(
    work: Work, house_ids: Collection[int], window: Window
) -> dict[int, Page[Member] | Forbidden]:
    """List the members of those of the houses that the viewer sees, longest in the house first."""
    return await lists_of(
        await houses_for(work, house_ids), lambda ids: members.pages(work.db, ids, window, work.now)
    )


async def load_members(work: Work, member_ids: Collection[int]) -> dict[int, Member | Forbidden]:
    """Give those of the members that the viewer sees."""
    return let_see(await members.find(work.db, work.look, member_ids))


async def load_memberships(
    work: Work, memberships: Collection[Membership]
) -> dict[Membership, Member | Forbidden]:
    """Give the members who have those of the memberships that the viewer sees."""
    found = await members.find_of(work.db, work.look, set(memberships))
    seen = let_see(found)
    return {Membership(member.house_id, member.user_id): seen[member.id] for member, *_ in found}


async def join_house(work: Work, house_id: int) -> House:
    """
    Become a member of a public house. A member stays one.

    Raises `NotFound`, `Forbidden` (banned). Announces `MEMBER_JOINED`.
    """
    house = await see_house(work, house_id)
    if house.standing.rank is None:
        require(house, work.viewer, Action.JOIN_HOUSE)
    return work.as_left(await let_in(work, house))


async def leave_house(work: Work, house_id: int) -> House:
    """
    Stop being a member, and give the house as it was left.

    Raises `NotFound`, `Forbidden` (not a member, or the owner). Announces `MEMBER_LEFT`.
    """
    house = await see_house(work, house_id)
    require(house, work.viewer, Action.LEAVE_HOUSE)
    await put_out(work, await get_member(work, house_id, work.viewer.known()))
    return work.as_left(_without_viewer(house))


async def let_in(work: Work, house: House) -> House:
    """Make the viewer a member of a house if they aren't one: speaking joins. Announces `MEMBER_JOINED`."""
    if house.standing.rank is not None:
        return house
    await admit(work, house.id, work.viewer.known())
    standing = house.standing._replace(rank=Rank.MEMBER)
    return house._replace(standing=standing, member_count=house.member_count + 1)


async def admit(work: Work, house_id: int, user_id: int, rank: Rank = Rank.MEMBER) -> None:
    """Make a user who is none yet a member of a house. Announces `MEMBER_JOINED`."""
    await members.add(work.db, house_id, user_id, rank, work.now)
    await join_requests.settle(work.db, house_id, user_id, RequestState.APPROVED, work.now)
    work.announce(Kind.MEMBER_JOINED, house_id, user_id)


async def put_out(work: Work, member: Member) -> None:
    """End a membership, and the invites that its rank made. Announces `MEMBER_LEFT`."""
    await members.take_out(work.db, member)
    await _end_invites(work, member, None)
    work.announce(Kind.MEMBER_LEFT, member.house_id, member.user_id)


async def get_member(work: Work, house_id: int, user_id: int) -> Member:
    """Give a user's membership, whoever asks. Raises `NotFound`."""
    member = await members.get(work.db, house_id, user_id, work.now)
    if member is None:
        raise NotFound("member of this house")
    return member


async def remove_member(work: Work, house_id: int, user_id: int, reason: str = "") -> House:
    """
    Put a member of a lower rank out of a house; they may come back.

    Raises `NotFound`, `Forbidden`, `Invalid`. Announces `MEMBER_LEFT`.
    """
    house, member = await aim_at_member(work, house_id, user_id, Action.REMOVE_MEMBER)
    reason = texts.reason(reason)
    await put_out(work, member)
    work.record(Act.MEMBER_REMOVED, house_id, user_id, reason=reason)
    return work.as_left(house._replace(member_count=house.member_count - 1))


async def set_role(work: Work, house_id: int, user_id: int, rank: Rank, reason: str = "") -> Member:
    """
    Make a member a moderator, or a moderator a member again; the invites they made end with the right to invite.

    Raises `NotFound`, `Forbidden`, `Invalid` (the owner is made by `transfer_house`). Announces `MEMBER_CHANGED`.
    """
    _, member = await aim_at_member(work, house_id, user_id, Action.SET_ROLE)
    reason = texts.reason(reason)
    if rank is Rank.OWNER:
        raise Invalid("`role` must be MODERATOR or MEMBER; `transferHouse` makes another owner.", "role")
    if member.rank == rank:
        return member
    work.record(Act.ROLE_SET, house_id, user_id, detail=rank.name, reason=reason)
    return await _set_rank(work, member, rank)


async def transfer_house(work: Work, house_id: int, user_id: int, reason: str = "") -> House:
    """
    Make another member the owner; the viewer becomes a moderator.

    Raises `NotFound`, `Forbidden`, `Conflict` (their account is deactivated). Announces `MEMBER_CHANGED` twice.
    """
    house, member = await aim_at_member(work, house_id, user_id, Action.TRANSFER_HOUSE)
    reason = texts.reason(reason)
    await require_heir(work, user_id)
    # Nobody could end the mute of an owner.
    await bans.unmute(work.db, house_id, user_id)
    await _set_rank(work, await get_member(work, house_id, work.viewer.known()), Rank.MODERATOR)
    await _set_rank(work, member, Rank.OWNER)
    work.record(Act.HOUSE_TRANSFERRED, house_id, user_id, reason=reason)
    return work.as_left(house._replace(standing=house.standing._replace(rank=Rank.MODERATOR)))


async def hand_over(work: Work, house_id: int, user_id: int) -> Member:
    """
    Make a user the owner of a house; who owned it becomes a moderator. For the operator, who sees every house.

    Raises `NotFound`, `Conflict` (their account is deactivated). Announces `MEMBER_JOINED`, `MEMBER_CHANGED`.
    """
    if not await houses.exists(work.db, house_id):
        raise NotFound("house")
    await require_heir(work, user_id)
    before = await members.owner(work.db, house_id, work.now)
    if before is not None and before.user_id == user_id:
        return before
    work.record(Act.HOUSE_TRANSFERRED, house_id, user_id)
    if before is not None:
        await _set_rank(work, before, Rank.MODERATOR)
    if await bans.get(work.db, house_id, user_id, work.now):
        await bans.unban(work.db, house_id, user_id)
        work.announce(Kind.USER_UNBANNED, house_id, user_id)
        work.record(Act.USER_UNBANNED, house_id, user_id)
    await bans.unmute(work.db, house_id, user_id)
    member = await members.get(work.db, house_id, user_id, work.now)
    if member is not None:
        return await _set_rank(work, member, Rank.OWNER)
    await admit(work, house_id, user_id, Rank.OWNER)
    return await get_member(work, house_id, user_id)


async def require_heir(work: Work, user_id: int) -> None:
    """Raises `Conflict` when a user can't own a house, since their account is deactivated."""
    for heir in await accounts.find(work.db, [user_id]):
        if heir.deactivate_time is not None:
            raise Conflict("This user's account is deactivated; they can't own a house.", "userId")


async def aim_at_member(work: Work, house_id: int, user_id: int, action: Action) -> tuple[House, Member]:
    """Give a house and the member that the viewer may do *action* to. Raises `NotFound`, `Forbidden`."""
    house = await see_house(work, house_id)
    member = await members.get(work.db, house_id, user_id, work.now)
    require(house, work.viewer, action, rank=None if member is None else member.rank)
    if member is None:
        raise NotFound("member of this house")
    return house, member


async def _set_rank(work: Work, member: Member, rank: Rank) -> Member:
    await members.set_rank(work.db, member.id, rank)
    await _end_invites(work, member, rank)
    work.announce(Kind.MEMBER_CHANGED, member.house_id, member.user_id)
    return member._replace(rank=rank)


async def _end_invites(work: Work, member: Member, rank: Rank | None) -> None:
    """End the invites that a member made who has only *rank* from now on."""
    if not decide(Standing(rank), Action.INVITE, Thing()).allowed:
        await invites.revoke_of(work.db, member.user_id, work.now, house_id=member.house_id)


def _without_viewer(house: House) -> House:
    standing = house.standing._replace(rank=None)
    return house._replace(standing=standing, member_count=house.member_count - 1)
