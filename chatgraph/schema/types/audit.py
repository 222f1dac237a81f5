"""An entry of a house's audit log as GraphQL shows it, to moderators alone."""

from datetime import datetime

import strawberry

from chatgraph import models
from chatgraph.errors import Forbidden, NotFound
from chatgraph.schema.context import Info
from chatgraph.schema.enums import Act
from chatgraph.schema.types.node import Node, dress, named
from chatgraph.schema.types.users import User

# What acts are done to by the tens of their number; to a user where nothing is said.
SUBJECTS = {0: "House", 2: "Invite", 3: "Room", 4: "Talk"}


@strawberry.type(description="That somebody did something by their rank. It is kept as long as the house.")
class AuditEntry(Node):
    act: Act = strawberry.field(description="What was done.")
    subject_id: strawberry.ID = strawberry.field(
        description="The `id` of the user, room, talk, invite or house that it was done to."
    )
    detail: str = strawberry.field(
        description="More about it: each value of `Act` says what. It may be empty."
    )
    reason: str = strawberry.field(description="Why, in the words of who did it; it may be empty.")
    time: datetime = strawberry.field(description="When it was done.")
    noun: strawberry.Private[models.AuditEntry]

    @strawberry.field(description="Who did it; null for whoever runs the server.")
    async def actor(self, info: Info) -> User | None:
        if self.noun.actor_id is None:
            return None
        return dress(await info.context.load.user.load(self.noun.actor_id))

    @strawberry.field(description="What it was done to; null where that is gone.")
    async def subject(self, info: Info) -> Node | None:
        load = info.context.load.by_name(_subject(self.noun.act))
        try:
            return None if load is None else dress(await load.load(self.noun.subject_id))
        except (NotFound, Forbidden):
            return None


def _subject(act: models.Act) -> str:
    if act is models.Act.HOUSE_TRANSFERRED:
        return "User"
    return SUBJECTS.get(act // 10, "User")


@dress.register
def _(entry: models.AuditEntry) -> AuditEntry:
    return AuditEntry(
        **named("AuditEntry", entry.id),
        act=Act(entry.act.value),
        subject_id=named(_subject(entry.act), entry.subject_id)["id"],
        detail=entry.detail,
        reason=entry.reason,
        time=entry.time,
        noun=entry,
    )
