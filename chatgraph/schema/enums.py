"""The enums: who sees a house, what a member is in it, who may register, what became of a request, what was done."""

from enum import Enum
from typing import Any

import strawberry

from chatgraph import models


@strawberry.enum(description="Who sees a house.")
class Visibility(Enum):
    PUBLIC = strawberry.enum_value(
        models.Visibility.PUBLIC.value,
        description="Everybody who is signed in; they may join, and speaking joins.",
    )
    PRIVATE = strawberry.enum_value(models.Visibility.PRIVATE.value, description="Its members alone.")


@strawberry.enum(description="What a member may do in a house; each can do all that the next one can.")
class Role(Enum):
    OWNER = strawberry.enum_value(
        models.Rank.OWNER.value, description="Decides over the house; it has at most one."
    )
    MODERATOR = strawberry.enum_value(models.Rank.MODERATOR.value, description="Keeps order in the house.")
    MEMBER = strawberry.enum_value(models.Rank.MEMBER.value, description="Belongs to the house.")


ROLES = {
    models.Rank.OWNER: Role.OWNER,
    models.Rank.MODERATOR: Role.MODERATOR,
    models.Rank.MEMBER: Role.MEMBER,
}


def dress_role(rank: int) -> Role:
    """Make the role that a rank amounts to."""
    return next(role for least, role in ROLES.items() if rank >= least)


@strawberry.enum(description="Who may make an account.")
class Registration(Enum):
    OPEN = strawberry.enum_value(models.Registration.OPEN.value, description="Everybody.")
    INVITE = strawberry.enum_value(
        models.Registration.INVITE.value, description="Who has the code of an invite to a house."
    )
    CLOSED = strawberry.enum_value(
        models.Registration.CLOSED.value, description="Nobody: whoever runs the server makes the accounts."
    )


@strawberry.enum(description="What became of a join request.")
class JoinRequestState(Enum):
    PENDING = strawberry.enum_value(models.RequestState.PENDING.value, description="It waits to be decided.")
    APPROVED = strawberry.enum_value(models.RequestState.APPROVED.value, description="They were let in.")
    DECLINED = strawberry.enum_value(
        models.RequestState.DECLINED.value, description="They weren't let in; they may ask again."
    )


def _act(act: models.Act, description: str) -> Any:
    return strawberry.enum_value(act.value, description=description)


@strawberry.enum(description="What was done by rank.")
class Act(Enum):
    HOUSE_UPDATED = _act(
        models.Act.HOUSE_UPDATED,
        "The house was changed; `detail` names what of it, as in `accepts_join_requests, name`.",
    )
    HOUSE_TRANSFERRED = _act(models.Act.HOUSE_TRANSFERRED, "A user was made the owner.")
    HOUSE_FOUNDED = _act(models.Act.HOUSE_FOUNDED, "The operator founded the house for somebody.")
    ROLE_SET = _act(models.Act.ROLE_SET, "A member was given another role; `detail` names it.")
    MEMBER_REMOVED = _act(models.Act.MEMBER_REMOVED, "A member was put out.")
    MEMBER_MUTED = _act(models.Act.MEMBER_MUTED, "A member was muted; `detail` tells until when.")
    MEMBER_UNMUTED = _act(models.Act.MEMBER_UNMUTED, "A member may speak again.")
    USER_BANNED = _act(
        models.Act.USER_BANNED,
        "A user was banned; `detail` tells until when, and how many talks went with it.",
    )
    USER_UNBANNED = _act(models.Act.USER_UNBANNED, "A user may come back.")
    JOIN_REQUEST_APPROVED = _act(models.Act.JOIN_REQUEST_APPROVED, "A user who asked was let in.")
    JOIN_REQUEST_DECLINED = _act(models.Act.JOIN_REQUEST_DECLINED, "A user who asked wasn't let in.")
    INVITE_CREATED = _act(models.Act.INVITE_CREATED, "An invite was made.")
    INVITE_REVOKED = _act(models.Act.INVITE_REVOKED, "An invite was ended before its time.")
    ROOM_UPDATED = _act(
        models.Act.ROOM_UPDATED, "Somebody else's room was changed; `detail` is its old title."
    )
    ROOM_ARCHIVED = _act(
        models.Act.ROOM_ARCHIVED, "Somebody else's room was archived; `detail` is its title."
    )
    ROOM_REOPENED = _act(
        models.Act.ROOM_REOPENED, "Somebody else's room was opened again; `detail` is its title."
    )
    ROOM_LOCKED = _act(models.Act.ROOM_LOCKED, "A room was locked; `detail` is its title.")
    ROOM_UNLOCKED = _act(models.Act.ROOM_UNLOCKED, "A room was unlocked; `detail` is its title.")
    ROOM_DELETED = _act(models.Act.ROOM_DELETED, "A room was deleted; `detail` is its title.")
    TALK_REMOVED = _act(models.Act.TALK_REMOVED, "Somebody else's talk was removed.")
    USER_DEACTIVATED = _act(models.Act.USER_DEACTIVATED, "The operator shut a user out of the whole server.")
    USER_REACTIVATED = _act(models.Act.USER_REACTIVATED, "The operator let a user in again.")
    PASSWORD_RESET = _act(models.Act.PASSWORD_RESET, "The operator gave a user a new password.")
    USER_CREATED = _act(models.Act.USER_CREATED, "The operator made an account.")
