"""A house as GraphQL shows it, with its lists and with what the viewer may do in it."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from chatgraph import models
from chatgraph.operations import audit
from chatgraph.operations.rights import rights_in_house
from chatgraph.schema.context import Info
from chatgraph.schema.enums import Role, Visibility, dress_role
from chatgraph.schema.ids import cursor, read_id
from chatgraph.schema.loaders import Lists, Part
from chatgraph.schema.pages import After, Before, Connection, First, Last, dress_page, read_window
from chatgraph.schema.permissions import (
    Explanation,
    OfPermission,
    OfUser,
    Permission,
    dress_explanation,
    dress_permissions,
    read_permission,
)
from chatgraph.schema.types.node import Node, dress, named

if TYPE_CHECKING:
    from chatgraph.schema.types.audit import AuditEntry
    from chatgraph.schema.types.bans import Ban
    from chatgraph.schema.types.invites import Invite
    from chatgraph.schema.types.join_requests import JoinRequest
    from chatgraph.schema.types.members import Member
    from chatgraph.schema.types.rooms import Room


@strawberry.type(
    description="A community: it has members, and rooms in which they talk. "
    "Who is banned from a public one sees its name, null for the rest, and its lists are FORBIDDEN."
)
class House(Node):
    name: str = strawberry.field(description="Its name, 1 to 100 characters; others may have the same.")
    description: str | None = strawberry.field(
        description="What it is about, up to 1024 characters; null for who is banned."
    )
    visibility: Visibility = strawberry.field(description="Who sees it.")
    accepts_join_requests: bool | None = strawberry.field(
        description="Whether outsiders may ask to be let in while it is private; null for who is banned."
    )
    create_time: datetime | None = strawberry.field(
        description="When it was founded; null for who is banned."
    )
    member_count: int | None = strawberry.field(description="How many belong to it; null for who is banned.")
    viewer_role: Role | None = strawberry.field(
        description="The viewer's role in it; null for who isn't a member."
    )
    cursor: str | None = strawberry.field(
        description="The position of its journal at the moment at which everything in this answer was read; "
        "null for who is banned."
    )
    noun: strawberry.Private[models.House]

    @strawberry.field(description="What the viewer may do in it.")
    def viewer_can(self, info: Info) -> list[Permission]:
        return dress_permissions(rights_in_house(self.noun, info.context.viewer))

    @strawberry.field(
        description="Whether somebody may do something in it, and what decides. Moderators may ask."
    )
    async def explain(self, info: Info, user_id: OfUser, permission: OfPermission) -> Explanation:
        user_key = read_id(user_id, "User", "userId")
        given = self.noun.id, user_key, read_permission(permission)
        return dress_explanation(await info.context.ask(audit.explain, *given))

    @strawberry.field(description="Its rooms, newest first.")
    async def rooms(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Annotated["Room", strawberry.lazy("chatgraph.schema.types.rooms")]]:
        return await self._page("rooms", info.context.load.rooms, first, after, last, before)

    @strawberry.field(description="Its members, longest in the house first.")
    async def members(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Annotated["Member", strawberry.lazy("chatgraph.schema.types.members")]]:
        return await self._page("members", info.context.load.members, first, after, last, before)

    @strawberry.field(description="The bans in force, newest first. Moderators may read them.")
    async def bans(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Annotated["Ban", strawberry.lazy("chatgraph.schema.types.bans")]]:
        return await self._page("bans", info.context.load.bans, first, after, last, before)

    @strawberry.field(
        description="The invites to it, newest first, also those that are over, without their codes. Moderators may read them."
    )
    async def invites(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Annotated["Invite", strawberry.lazy("chatgraph.schema.types.invites")]]:
        return await self._page("invites", info.context.load.invites, first, after, last, before)

    @strawberry.field(
        description="The requests to join it that wait, oldest first. Moderators may read them."
    )
    async def join_requests(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Annotated["JoinRequest", strawberry.lazy("chatgraph.schema.types.join_requests")]]:
        return await self._page("requests", info.context.load.join_requests, first, after, last, before)

    @strawberry.field(
        description="What moderators, the owner and the operator did in it, newest first. Moderators may read it."
    )
    async def audit_log(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Annotated["AuditEntry", strawberry.lazy("chatgraph.schema.types.audit")]]:
        return await self._page("audit", info.context.load.audit_log, first, after, last, before)

    async def _page(
        self,
        name: str,
        load: Lists,
        first: int | None,
        after: str | None,
        last: int | None,
        before: str | None,
    ) -> Connection:
        scope = f"{name}/{self.noun.id}"
        window = read_window(scope, first, after, last, before)
        return dress_page(await load.load(Part(self.noun.id, window)), scope, dress)


@dress.register
def _(house: models.House) -> House:
    standing, banned = house.standing, house.standing.banned
    return House(
        **named("House", house.id),
        name=house.name,
        description=None if banned else house.description,
        visibility=Visibility(house.visibility.value),
        accepts_join_requests=None if banned else house.accepts_join_requests,
        create_time=None if banned else house.create_time,
        member_count=None if banned else house.member_count,
        viewer_role=None if standing.rank is None else dress_role(standing.rank),
        cursor=None if banned else cursor(f"journal/{house.id}", house.journal_seq + 1),
        noun=house,
    )
