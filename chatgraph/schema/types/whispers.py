"""What is told and never kept: who writes, who is there, and what concerns the viewer in all their houses."""

from datetime import datetime

import strawberry

from chatgraph.events.hub import Telling
from chatgraph.events.kinds import Kind
from chatgraph.events.whispers import Moved, Said, Wrote
from chatgraph.schema.context import Info
from chatgraph.schema.ids import global_id
from chatgraph.schema.types.houses import House
from chatgraph.schema.types.node import find, show
from chatgraph.schema.types.rooms import Room
from chatgraph.schema.types.users import User


@strawberry.type(description="That somebody writes in a room, or stopped.")
class Typing:
    typing: bool = strawberry.field(description="Whether they write.")
    until: datetime = strawberry.field(
        description="When to take it that they stopped, if nothing else is told."
    )
    user_key: strawberry.Private[int]

    @strawberry.field(description="Who writes.")
    async def user(self, info: Info) -> User:
        return show(await info.context.load.user.load(self.user_key))


@strawberry.type(description="That a member of the house came or went.")
class Presence:
    online: bool = strawberry.field(description="Whether they are connected, or were 10 seconds ago.")
    user_key: strawberry.Private[int]

    @strawberry.field(description="Who it is.")
    async def user(self, info: Info) -> User:
        return show(await info.context.load.user.load(self.user_key))


@strawberry.interface(description="Something that concerns the viewer, in any of their houses.")
class ViewerEvent:
    house_id: strawberry.ID = strawberry.field(description="The `id` of the house.")
    house_key: strawberry.Private[int]


@strawberry.type
class OfHouse(ViewerEvent):
    @strawberry.field(description="The house.")
    async def house(self, info: Info) -> House | None:
        return await find(info, "House", self.house_key)


@strawberry.type(description="The viewer became a member of a house.")
class HouseJoined(OfHouse):
    pass


@strawberry.type(description="The viewer isn't a member any more: they left, or were put out.")
class HouseLeft(ViewerEvent):
    pass


@strawberry.type(description="The viewer was banned from a house.")
class HouseBanned(ViewerEvent):
    pass


@strawberry.type(description="The viewer has another role in a house, was muted, or may speak again.")
class RoleChanged(OfHouse):
    pass


@strawberry.type(
    description="Something was said in a room of one of the viewer's houses. Told once a second for each room at most."
)
class NewTalks(ViewerEvent):
    count: int = strawberry.field(description="How many talks were posted since this was last told.")
    room_key: strawberry.Private[int]

    @strawberry.field(description="The room.")
    async def room(self, info: Info) -> Room | None:
        return await find(info, "Room", self.room_key)


VIEWER_EVENTS = {
    Kind.MEMBER_JOINED: HouseJoined,
    Kind.MEMBER_LEFT: HouseLeft,
    Kind.MEMBER_CHANGED: RoleChanged,
    Kind.USER_BANNED: HouseBanned,
}


def dress_whisper(what: object) -> Typing | Presence | ViewerEvent:
    """Dress what was whispered."""
    match what:
        case Wrote():
            return Typing(typing=what.typing, until=what.until, user_key=what.user_id)
        case Moved():
            return Presence(online=what.online, user_key=what.user_id)
        case Said():
            return NewTalks(count=what.talks, room_key=what.room_id, **_of(what.house_id))
        case Telling():
            return VIEWER_EVENTS[what.kind](**_of(what.house_id))
    raise TypeError(f"Nothing is told of a {type(what).__name__}.")


def _of(house_id: int) -> dict:
    return {"house_id": strawberry.ID(global_id("House", house_id)), "house_key": house_id}
