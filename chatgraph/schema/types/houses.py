"""A house as GraphQL shows it, with its lists and with what the viewer may do in it."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry import Parent

from chatgraph import models
from chatgraph.executor import of_class
from chatgraph.operations import audit
from chatgraph.operations.rights import rights_in_house
from chatgraph.schema.context import Info
from chatgraph.schema.edges import listing
from chatgraph.schema.enums import Role, Visibility, dress_role
from chatgraph.schema.ids import cursor, read_id
from chatgraph.schema.pages import Connection
from chatgraph.schema.permissions import (
    Explanation,
    OfPermission,
    OfUser,
    Permission,
    dress_explanation,
    dress_permissions,
    read_permission,
)
from chatgraph.schema.types.node import Node

if TYPE_CHECKING:
    from chatgraph.schema.types.audit import AuditEntry
    from chatgraph.schema.types.bans import Ban
    from chatgraph.schema.types.invites import Invite
    from chatgraph.schema.types.join_requests import JoinRequest
    from chatgraph.schema.types.members import Member
    from chatgraph.schema.types.rooms import Room


def _unless_banned(read: Callable[[models.House], Any], description: str) -> Any:
    """Make a field of what is null for who is banned."""

    def resolve(house: Parent[models.House]) -> Any:
        return None if house.standing.banned else read(house)

    return strawberry.field(resolver=resolve, description=description)


@strawberry.type(
    description="A community: it has members, and rooms in which they talk. "
    "Who is banned from a public one sees its name, that it is public, null for the rest, and its lists are FORBIDDEN."
)
class House(Node):
    is_type_of = of_class(models.House)

    name: str = strawberry.field(description="Its name, 1 to 100 characters; others may have the same.")
    description: str | None = _unless_banned(
        lambda house: house.description, "What it is about, up to 1024 characters; null for who is banned."
    )
    accepts_join_requests: bool | None = _unless_banned(
        lambda house: house.accepts_join_requests,
        "Whether outsiders may ask to be let in while it is private; null for who is banned.",
    )
    create_time: datetime | None = _unless_banned(
        lambda house: house.create_time, "When it was founded; null for who is banned."
    )
    member_count: int | None = _unless_banned(
        lambda house: house.member_count, "How many belong to it; null for who is banned."
    )
    cursor: str | None = _unless_banned(
        lambda house: cursor(f"journal/{house.id}", house.journal_seq + 1),
        "The position of its journal at the moment at which everything in this answer was read; "
        "null for who is banned.",
    )

    @strawberry.field(description="Who sees it.")
    def visibility(self, house: Parent[models.House]) -> Visibility:
        return Visibility(house.visibility.value)

    @strawberry.field(description="The viewer's role in it; null for who isn't a member.")
    def viewer_role(self, house: Parent[models.House]) -> Role | None:
        return None if house.standing.rank is None else dress_role(house.standing.rank)

    @strawberry.field(description="What the viewer may do in it.")
    def viewer_can(self, info: Info, house: Parent[models.House]) -> list[Permission]:
        return dress_permissions(rights_in_house(house, info.context.viewer))

    @strawberry.field(
        description="Whether somebody may do something in it, and what decides. Moderators may ask."
    )
    async def explain(
        self, info: Info, house: Parent[models.House], user_id: OfUser, permission: OfPermission
    ) -> Explanation:
        user_key = read_id(user_id, "User", "userId")
        given = house.id, user_key, read_permission(permission)
        return dress_explanation(await info.context.ask(audit.explain, *given))

    rooms: Connection[Annotated["Room", strawberry.lazy("chatgraph.schema.types.rooms")]] = listing(
        "rooms", "rooms", "Its rooms, newest first."
    )
    members: Connection[Annotated["Member", strawberry.lazy("chatgraph.schema.types.members")]] = listing(
        "members", "members", "Its members, longest in the house first."
    )
    bans: Connection[Annotated["Ban", strawberry.lazy("chatgraph.schema.types.bans")]] = listing(
        "bans", "bans", "The bans in force, newest first. Moderators may read them."
    )
    invites: Connection[Annotated["Invite", strawberry.lazy("chatgraph.schema.types.invites")]] = listing(
        "invites",
        "invites",
        "The invites to it, newest first, also those that are over, without their codes. Moderators may read them.",
    )
    join_requests: Connection[
        Annotated["JoinRequest", strawberry.lazy("chatgraph.schema.types.join_requests")]
    ] = listing(
        "join_requests",
        "requests",
        "The requests to join it that wait, oldest first. Moderators may read them.",
    )
    audit_log: Connection[Annotated["AuditEntry", strawberry.lazy("chatgraph.schema.types.audit")]] = listing(
        "audit_log",
        "audit",
        "What moderators, the owner and the operator did in it, newest first. Moderators may read it.",
    )
