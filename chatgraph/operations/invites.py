"""Invites: a code that lets its holder into a house, as long as who made it may invite."""

from collections.abc import Collection
from datetime import timedelta

from chatgraph.credentials.codes import code_digest, new_code
from chatgraph.errors import Forbidden, Invalid, NotFound
from chatgraph.models import Act, House, Invite, Look, Page, Visibility, Window
from chatgraph.operations.members import let_in
from chatgraph.operations.rights import Thing, decide, refusal, require
from chatgraph.operations.rules import Action
from chatgraph.operations.sight import houses_for, let_see, lists_of, see_house
from chatgraph.operations.work import Work
from chatgraph.store import houses, invites

WEEK = 7 * 24 * 3600
SHORTEST, LONGEST = 60, 365 * 24 * 3600
MOST_USES = 100_000


async def list_invites(
    work: Work, house_ids: Collection[int], window: Window
) -> dict[int, Page[Invite] | Forbidden]:
    """List the invites to those of the houses that the viewer sees, newest first. Moderators may."""
    seen = await houses_for(work, house_ids, Action.INVITE)
    return await lists_of(seen, lambda ids: invites.pages(work.db, ids, window))


async def load_invites(work: Work, invite_ids: Collection[int]) -> dict[int, Invite | Forbidden]:
    """Give those of the invites that the viewer sees. Moderators may."""
    return let_see(await invites.find(work.db, work.look, invite_ids), Action.INVITE)


async def create_invite(
    work: Work, house_id: int, expires_in: int = WEEK, most_uses: int | None = None
) -> tuple[Invite, str]:
    """
    Make an invite that expires in so many seconds, and give its code, which is not kept.

    Raises `NotFound`, `Forbidden`, `Invalid`.
    """
    house = await see_house(work, house_id)
    require(house, work.viewer, Action.INVITE)
    if not SHORTEST <= expires_in <= LONGEST:
        raise Invalid(
            f"`expiresIn` must be {SHORTEST} to {LONGEST} seconds; this is {expires_in}.", "expiresIn"
        )
    if most_uses is not None and not 1 <= most_uses <= MOST_USES:
        raise Invalid(f"`mostUses` must be 1 to {MOST_USES}, or left out; this is {most_uses}.", "mostUses")
    code = new_code()
    expire_time = work.now + timedelta(seconds=expires_in)
    invite = await invites.add(
        work.db, code_digest(code), house_id, work.viewer.known(), work.now, expire_time, most_uses
    )
    work.record(Act.INVITE_CREATED, house_id, invite.id)
    return invite, code


async def revoke_invite(work: Work, invite_id: int) -> Invite:
    """End an invite; who came in by it stays. Raises `NotFound`, `Forbidden`."""
    invite = (await load_invites(work, [invite_id])).get(invite_id) or NotFound("invite")
    if not isinstance(invite, Invite):
        raise invite
    if invite.revoke_time is not None:
        return invite
    await invites.revoke(work.db, invite_id, work.now)
    work.record(Act.INVITE_REVOKED, invite.house_id, invite_id)
    return invite._replace(revoke_time=work.now)


async def look_at_invite(work: Work, code: str) -> tuple[Invite, House]:
    """
    Give the invite with this code, and the house that it leads to, before it is accepted.

    Raises `Unauthenticated`, `NotFound` (expired, used up or revoked too), `Forbidden` (banned).
    """
    viewer = work.look
    invite = await find_invite(work, code)
    house = await houses.get(work.db, viewer, invite.house_id)
    if house is None:
        raise NotFound("invite")
    # To who holds an invite, a private house is as good as a public one, unless they are banned.
    decision = decide(house.standing, Action.READ, Thing())
    if not decision.allowed:
        private = house.visibility is Visibility.PRIVATE
        raise NotFound("invite") if private else refusal(Action.JOIN_HOUSE, decision)
    return invite, house


async def accept_invite(work: Work, code: str) -> House:
    """
    Become a member of the house that the invite leads to. Who is one already stays one, and uses nothing up.

    Raises `Unauthenticated`, `NotFound` (expired, used up or revoked too), `Forbidden` (banned).
    Announces `MEMBER_JOINED`.
    """
    viewer = work.look
    if invite := await invites.by_digest(work.db, code_digest(code)):
        # A retry whose answer was lost finds the invite used up by itself.
        house = await houses.get(work.db, viewer, invite.house_id)
        if house is not None and house.standing.rank is not None:
            return house
    invite, house = await look_at_invite(work, code)
    if not await invites.use(work.db, invite.id):
        raise NotFound("invite")
    return work.as_left(await let_in(work, house))


async def find_invite(work: Work, code: str) -> Invite:
    """Give the invite with this code, whoever asks, if it is good and who made it may still invite. Raises `NotFound`."""
    invite = await invites.by_digest(work.db, code_digest(code))
    if invite is None or not _is_good(work, invite):
        raise NotFound("invite")
    made_in = await houses.get(work.db, Look(invite.creator_id, work.now), invite.house_id)
    if made_in is None or not decide(made_in.standing, Action.INVITE, Thing()).allowed:
        raise NotFound("invite")
    return invite


def _is_good(work: Work, invite: Invite) -> bool:
    left = invite.most_uses is None or invite.uses < invite.most_uses
    return left and invite.revoke_time is None and invite.expire_time > work.now
