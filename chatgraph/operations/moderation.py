"""Keeping order in a house: bans and mutes, each with a way back. Nobody acts on an equal or higher rank."""

from collections.abc import Collection
from datetime import datetime, timedelta

from chatgraph.errors import Forbidden, Invalid, NotFound
from chatgraph.events.kinds import Kind
from chatgraph.models import Act, Ban, House, Member, Page, Window
from chatgraph.operations import texts
from chatgraph.operations.members import aim_at_member, put_out
from chatgraph.operations.rights import require
from chatgraph.operations.rules import Action
from chatgraph.operations.sight import houses_for, let_see, lists_of, see_house
from chatgraph.operations.work import Work
from chatgraph.store import accounts, bans, join_requests, members, talks

MOST_HOURS = 7 * 24


async def list_bans(
    work: Work, house_ids: Collection[int], window: Window
) -> dict[int, Page[Ban] | Forbidden]:
    """List the bans in force from those of the houses that the viewer sees, newest first. Moderators may."""
    seen = await houses_for(work, house_ids, Action.BAN_USER)
    return await lists_of(seen, lambda ids: bans.pages(work.db, ids, window, work.now))


async def load_bans(work: Work, ban_ids: Collection[int]) -> dict[int, Ban | Forbidden]:
    """Give those of the bans in force that the viewer sees. Moderators may."""
    return let_see(await bans.find(work.db, work.look, ban_ids), Action.BAN_USER)


async def ban_user(
    work: Work,
    house_id: int,
    user_id: int,
    reason: str = "",
    end_time: datetime | None = None,
    remove_hours: int = 0,
) -> Ban:
    """
    Keep a user out of a house, a member or not, until *end_time* or for ever; no invite lets them in.

    What they said there in the last *remove_hours* hours, at most 168, is removed with it. A second ban takes the
    place of the first.

    Raises `NotFound`, `Forbidden`, `Invalid`. Announces `USER_BANNED`, `MEMBER_LEFT`, `TALK_REMOVED`.
    """
    house = await see_house(work, house_id)
    member = await members.get(work.db, house_id, user_id, work.now)
    require(house, work.viewer, Action.BAN_USER, rank=None if member is None else member.rank)
    reason = texts.reason(reason)
    _require_future(work, end_time, "endTime")
    if not 0 <= remove_hours <= MOST_HOURS:
        raise Invalid(
            f"`removeTalksOfHours` must be 0 to {MOST_HOURS}; this is {remove_hours}.", "removeTalksOfHours"
        )
    if not await accounts.find(work.db, [user_id]):
        raise NotFound("user")
    if member is not None:
        await put_out(work, member)
    await join_requests.forget(work.db, house_id, user_id)
    ban = await bans.ban(work.db, house_id, user_id, work.viewer.known(), reason, work.now, end_time)
    work.announce(Kind.USER_BANNED, house_id, user_id)
    removed = 0
    if remove_hours:
        since = work.now - timedelta(hours=remove_hours)
        for talk_id, room_id in await talks.remove_recent(work.db, house_id, user_id, since, work.now):
            work.announce(Kind.TALK_REMOVED, house_id, talk_id, room_id)
            removed += 1
    work.record(Act.USER_BANNED, house_id, user_id, detail=_lasting(end_time, removed), reason=reason)
    return ban


async def unban_user(work: Work, house_id: int, user_id: int, reason: str = "") -> House:
    """
    Let a user come back, who isn't a member by that.

    Raises `NotFound` (no such ban), `Forbidden`, `Invalid`. Announces `USER_UNBANNED`.
    """
    house = await see_house(work, house_id)
    require(house, work.viewer, Action.BAN_USER)
    reason = texts.reason(reason)
    if await bans.get(work.db, house_id, user_id, work.now) is None:
        raise NotFound("ban")
    await bans.unban(work.db, house_id, user_id)
    work.announce(Kind.USER_UNBANNED, house_id, user_id)
    work.record(Act.USER_UNBANNED, house_id, user_id, reason=reason)
    return work.as_left(house)


async def mute_member(
    work: Work, house_id: int, user_id: int, end_time: datetime, reason: str = ""
) -> Member:
    """
    Keep a member from speaking until *end_time*, also when they leave and come back. They read on.

    Raises `NotFound`, `Forbidden`, `Invalid`. Announces `MEMBER_CHANGED`.
    """
    _, member = await aim_at_member(work, house_id, user_id, Action.MUTE_MEMBER)
    reason = texts.reason(reason)
    _require_future(work, end_time, "endTime")
    await bans.mute(work.db, house_id, user_id, end_time)
    work.announce(Kind.MEMBER_CHANGED, house_id, user_id)
    work.record(Act.MEMBER_MUTED, house_id, user_id, detail=_lasting(end_time), reason=reason)
    return member._replace(mute_end=end_time)


async def unmute_member(work: Work, house_id: int, user_id: int, reason: str = "") -> Member:
    """
    Let a member speak again. Who isn't muted stays so.

    Raises `NotFound`, `Forbidden`, `Invalid`. Announces `MEMBER_CHANGED`.
    """
    _, member = await aim_at_member(work, house_id, user_id, Action.MUTE_MEMBER)
    reason = texts.reason(reason)
    if member.mute_end is None:
        return member
    await bans.unmute(work.db, house_id, user_id)
    work.announce(Kind.MEMBER_CHANGED, house_id, user_id)
    work.record(Act.MEMBER_UNMUTED, house_id, user_id, reason=reason)
    return member._replace(mute_end=None)


def _require_future(work: Work, time: datetime | None, field: str) -> None:
    if time is not None and time <= work.now:
        raise Invalid(
            f"`{field}` must be in the future; the server's time is {work.now:%Y-%m-%dT%H:%M:%SZ}.", field
        )


def _lasting(end_time: datetime | None, removed: int = 0) -> str:
    lasting = "for ever" if end_time is None else f"until {end_time:%Y-%m-%d %H:%M} UTC"
    return lasting + (f", {removed} talk{'s' * (removed > 1)} removed" if removed else "")
