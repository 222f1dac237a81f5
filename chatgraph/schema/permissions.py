"""Rights as data: what somebody may do, and what decided it, so that no client needs a copy of the rules."""

from collections.abc import Iterable
from datetime import datetime
from enum import Enum
from typing import Annotated, Any

import strawberry

from chatgraph.operations.audit import Explanation as Explained
from chatgraph.operations.rules import Action
from chatgraph.schema.enums import Role, dress_role


def _may(description: str) -> Any:
    return strawberry.enum_value(description, description=description)


@strawberry.enum(description="Something that a right is needed for.")
class Permission(Enum):
    READ = _may("Look into the house: its rooms, talks, members and events.")
    JOIN_HOUSE = _may("Become a member of the house without being invited.")
    LEAVE_HOUSE = _may("Stop being a member of the house.")
    SEE_PRESENCE = _may("See which members of the house are there.")
    CREATE_ROOM = _may("Open a room in the house.")
    INVITE = _may("Make, list and revoke invites to the house.")
    DECIDE_JOIN_REQUESTS = _may("List, approve and decline requests to join the house.")
    MUTE_MEMBER = _may("Mute and unmute members of a lower role.")
    REMOVE_MEMBER = _may("Put members of a lower role out of the house.")
    BAN_USER = _may("Ban and unban people of a lower role, and list the bans.")
    READ_AUDIT_LOG = _may("Read what moderators, the owner and the operator did.")
    EXPLAIN_RIGHTS = _may("Ask what others may do, and why.")
    SET_ROLE = _may("Make members moderators, and moderators members.")
    TRANSFER_HOUSE = _may("Make another member the owner.")
    UPDATE_HOUSE = _may(
        "Change the house's name, description, visibility and whether it takes join requests."
    )
    DELETE_HOUSE = _may("Delete the house with all that is in it.")
    POST_TALK = _may("Say something in the room.")
    UPDATE_ROOM = _may("Change the room's title and topic.")
    ARCHIVE_ROOM = _may("Close the room for new talks, and open it again.")
    LOCK_ROOM = _may("Let only moderators speak in the room, and unlock it.")
    DELETE_ROOM = _may("Delete the room with its talks.")
    EDIT_TALK = _may("Change what the talk says.")
    REMOVE_TALK = _may("Take the talk back.")


def dress_permissions(actions: Iterable[Action]) -> list[Permission]:
    """Make permissions of actions, which have the same names."""
    return [Permission[action.name] for action in actions]


@strawberry.enum(description="What decides whether somebody may do something.")
class DecidedBy(Enum):
    ROLE = strawberry.enum_value("role", description="Their role in the house, or that they aren't a member.")
    CREATOR = strawberry.enum_value("creator", description="That they made the thing themselves.")
    VISIBILITY = strawberry.enum_value("visibility", description="Whether the house is public or private.")
    BAN = strawberry.enum_value("ban", description="A ban from the house.")
    MUTE = strawberry.enum_value("mute", description="A mute in the house.")
    LOCK = strawberry.enum_value("lock", description="That the room is locked.")
    ARCHIVE = strawberry.enum_value("archive", description="That the room is archived.")
    REMOVAL = strawberry.enum_value("removal", description="That the talk was removed.")
    DEACTIVATION = strawberry.enum_value("deactivation", description="That their account is deactivated.")


@strawberry.type(description="Whether somebody may do something, and what decided it.")
class Explanation:
    allowed: bool = strawberry.field(description="Whether they may.")
    decided_by: DecidedBy = strawberry.field(description="What decided.")
    reason: str = strawberry.field(description="The same in words, for people.")
    role: Role | None = strawberry.field(description="Their role in the house; null for who isn't a member.")
    banned: bool = strawberry.field(description="Whether they are banned from the house.")
    ban_end_time: datetime | None = strawberry.field(
        description="When the ban ends; null for one without an end, and for who isn't banned."
    )
    mute_end_time: datetime | None = strawberry.field(
        description="Until when they are muted; null for who isn't."
    )


def dress_explanation(explained: Explained) -> Explanation:
    """Dress an explanation."""
    decision, standing = explained
    return Explanation(
        allowed=decision.allowed,
        decided_by=DecidedBy(decision.because.value),
        reason=f"{decision.reason[0].upper()}{decision.reason[1:]}.",
        role=None if standing.rank is None else dress_role(standing.rank),
        banned=standing.banned,
        ban_end_time=standing.ban_end,
        mute_end_time=standing.mute_end,
    )


OfUser = Annotated[strawberry.ID, strawberry.argument(description="The `id` of the User who would do it.")]
OfPermission = Annotated[Permission, strawberry.argument(description="What they would do.")]


def read_permission(permission: Permission) -> Action:
    """Give the action that a permission stands for."""
    return Action[permission.name]
