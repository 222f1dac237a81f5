"""An entry of a house's audit log as GraphQL shows it, to moderators alone."""

from datetime import datetime

import strawberry
from strawberry import Parent

from chatgraph import models
from chatgraph.errors import Forbidden, NotFound
from chatgraph.executor import of_class
from chatgraph.schema.context import Info
from chatgraph.schema.enums import Act
from chatgraph.schema.ids import global_id
from chatgraph.schema.types.node import Node, show
from chatgraph.schema.types.users import User

# What acts are done to by the tens of their number; to a user where nothing is said.
SUBJECTS = {0: "House", 2: "Invite", 3: "Room", 4: "Talk"}


@strawberry.type(description="That somebody did something by their rank. It is kept as long as the house.")
class AuditEntry(Node):
    is_type_of = of_class(models.AuditEntry)

    @strawberry.field(description="What was done.")
    def act(self, entry: Parent[models.AuditEntry]) -> Act:
        return Act(entry.act.value)

    @strawberry.field(description="The `id` of the user, room, talk, invite or house that it was done to.")
    def subject_id(self, entry: Parent[models.AuditEntry]) -> strawberry.ID:
        return strawberry.ID(global_id(_subject(entry.act), entry.subject_id))

    detail: str = strawberry.field(
        description="More about it: each value of `Act` says what. It may be empty."
    )
    reason: str = strawberry.field(description="Why, in the words of who did it; it may be empty.")
    time: datetime = strawberry.field(description="When it was done.")

    @strawberry.field(description="Who did it; null for whoever runs the server.")
    async def actor(self, info: Info, entry: Parent[models.AuditEntry]) -> User | None:
        if entry.actor_id is None:
            return None
        return show(await info.context.load.user.load(entry.actor_id))

    @strawberry.field(description="What it was done to; null where that is gone.")
    async def subject(self, info: Info, entry: Parent[models.AuditEntry]) -> Node | None:
        load = info.context.load.by_name(_subject(entry.act))
        try:
            return None if load is None else show(await load.load(entry.subject_id))
        except (NotFound, Forbidden):
            return None


def _subject(act: models.Act) -> str:
    if act is models.Act.HOUSE_TRANSFERRED:
        return "User"
    return SUBJECTS.get(act // 10, "User")
