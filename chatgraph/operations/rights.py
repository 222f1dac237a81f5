"""Who may do what: the one pure function that decides by the table of rules, and who asks it."""

from collections.abc import Iterable
from datetime import datetime
from enum import Enum
from functools import cache
from typing import NamedTuple

from chatgraph.errors import Forbidden
from chatgraph.models import House, Member, Rank, Registration, Room, Standing, Talk, Visibility
from chatgraph.operations.rules import (
    ON_HOUSES,
    ON_MEMBERS,
    ON_ROOMS,
    ON_TALKS,
    RULES,
    SPEAKING,
    TALKING,
    WHO,
    Action,
    Rule,
)
from chatgraph.viewer import Viewer


class Because(Enum):
    """What of somebody's standing, or of the thing, decided."""

    ROLE = "role"
    CREATOR = "creator"
    SUBJECT_ROLE = "subject role"
    VISIBILITY = "visibility"
    BAN = "ban"
    MUTE = "mute"
    LOCK = "lock"
    ARCHIVE = "archive"
    REMOVAL = "removal"
    DEACTIVATION = "deactivation"


class Decision(NamedTuple):
    """Whether somebody may, what decided, and the *reason* in half a sentence that begins small."""

    allowed: bool
    because: Because
    reason: str


PUBLIC = Decision(True, Because.VISIBILITY, "the house is public")


class Thing(NamedTuple):
    """What an action is done to. *own* says that who acts made it; *rank* is that of the person it is done to."""

    visibility: Visibility = Visibility.PUBLIC
    own: bool = False
    rank: int | None = None
    archived: bool = False
    locked: bool = False
    removed: bool = False


def decide(standing: Standing, action: Action, thing: Thing) -> Decision:
    """Decide whether somebody of this *standing* may do *action* to *thing*. Nothing else decides."""
    rank, rule = standing.rank, RULES[action]
    if not standing.active:
        return _no(Because.DEACTIVATION, "the account is deactivated")
    if standing.banned:
        return _no(Because.BAN, f"a ban from this house is in force{_until(standing.ban_end)}")
    if rank is None:
        if thing.visibility is Visibility.PRIVATE:
            return _no(Because.VISIBILITY, "the house is private: only members see it")
        if not rule.outsiders:
            return _no(Because.ROLE, f"only {WHO[rule.own or rule.rank or Rank.MEMBER]} may")
        decision = PUBLIC
    elif rank > rule.most:
        return _no(Because.ROLE, "the owner must transfer it first")
    elif thing.own and rule.own is not None and rank >= rule.own:
        decision = Decision(True, Because.CREATOR, "whoever made it may")
    elif rule.rank is not None and rank >= rule.rank:
        decision = Decision(True, Because.ROLE, f"{_who(rule)} may")
    else:
        return _no(Because.ROLE, f"only {_who(rule)} may")
    if rule.to_lower and thing.rank is not None and thing.rank >= (rank or 0):
        return _no(Because.SUBJECT_ROLE, "their role isn't lower than yours")
    if thing.removed and action in ON_TALKS:
        return _no(Because.REMOVAL, "the talk was removed")
    return (_unheard(standing, thing, action in TALKING) if action in SPEAKING else None) or decision


def _unheard(standing: Standing, thing: Thing, talking: bool) -> Decision | None:
    """Decide what keeps somebody from speaking who has the right to."""
    if standing.mute_end is not None:
        return _no(Because.MUTE, f"a mute is in force{_until(standing.mute_end)}")
    if talking and thing.archived:
        return _no(Because.ARCHIVE, "the room is archived: nothing is said in it any more")
    if talking and thing.locked and (standing.rank or 0) < Rank.MODERATOR:
        return _no(Because.LOCK, "the room is locked: only moderators speak in it")
    return None


def about(
    house: House,
    user_id: int | None,
    *,
    room: Room | None = None,
    creator_id: int | None = None,
    rank: int | None = None,
) -> Thing:
    """Say what a user would act on: in *house*, in *room*, on what *creator_id* made, on somebody of *rank*."""
    own = creator_id is not None and creator_id == user_id
    archived = room is not None and room.archive_time is not None
    locked = room is not None and room.lock_time is not None
    return Thing(house.visibility, own, rank, archived, locked)


def require(
    house: House,
    viewer: Viewer,
    action: Action,
    *,
    room: Room | None = None,
    creator_id: int | None = None,
    rank: int | None = None,
) -> Decision:
    """Give why the viewer may do *action* in *house* (see `about` for the rest). Raises `Forbidden` with the reason."""
    thing = about(house, viewer.user_id, room=room, creator_id=creator_id, rank=rank)
    decision = decide(house.standing, action, thing)
    if not decision.allowed:
        raise refusal(action, decision)
    return decision


def refusal(action: Action, decision: Decision) -> Forbidden:
    """Make the error that says why somebody may not."""
    return Forbidden(f"You may not {action.value}: {decision.reason}.")


def require_registration(registration: Registration, *, invited: bool) -> None:
    """Raises `Forbidden` when nobody may make an account now, or nobody who wasn't *invited*."""
    if registration is Registration.CLOSED:
        raise Forbidden("Registration is closed: whoever runs this server makes the accounts.")
    if registration is Registration.INVITE and not invited:
        raise Forbidden("Registration takes an invite: GraphQL's `register` takes its code as `inviteCode`.")


def rights_in_house(house: House, viewer: Viewer) -> list[Action]:
    """Give what the viewer may do in a house."""
    return _allowed(house, ON_HOUSES, about(house, viewer.user_id))


def may_see_presence(house: House) -> bool:
    """Tell whether the viewer may see who is there in a house."""
    return decide(house.standing, Action.SEE_PRESENCE, Thing(house.visibility)).allowed


def rights_over_member(house: House, viewer: Viewer, member: Member) -> list[Action]:
    """Give what the viewer may do to a member."""
    return _allowed(house, ON_MEMBERS, about(house, viewer.user_id, rank=member.rank))


def rights_in_room(house: House, viewer: Viewer, room: Room) -> list[Action]:
    """Give what the viewer may do in a room."""
    return _allowed(house, ON_ROOMS, about(house, viewer.user_id, room=room, creator_id=room.creator_id))


def rights_over_talk(house: House, viewer: Viewer, room: Room, talk: Talk) -> list[Action]:
    """Give what the viewer may do to a talk; with a tombstone, nothing."""
    thing = about(house, viewer.user_id, room=room, creator_id=talk.creator_id)
    return _allowed(house, ON_TALKS, thing._replace(removed=talk.remove_time is not None))


def _allowed(house: House, actions: Iterable[Action], thing: Thing) -> list[Action]:
    return [action for action in actions if decide(house.standing, action, thing).allowed]


def _no(because: Because, reason: str) -> Decision:
    return Decision(False, because, reason)


@cache
def _who(rule: Rule) -> str:
    allowed = [] if rule.rank is None else [WHO[rule.rank]]
    if rule.own is not None:
        allowed.append("whoever made it")
    return " or ".join(allowed) or "people who aren't members yet"


def _until(end: datetime | None) -> str:
    return "" if end is None else f" until {end:%Y-%m-%d %H:%M} UTC"
