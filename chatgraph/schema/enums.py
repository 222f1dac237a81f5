"""The enums: who sees a house, and what a member may do in it."""

from enum import Enum

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
