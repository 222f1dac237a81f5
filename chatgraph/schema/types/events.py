"""What happens in a house as GraphQL tells it. What an event is about is read as it is when it is told."""

from datetime import UTC, datetime
from enum import Enum

import strawberry

from chatgraph.errors import NotFound
from chatgraph.events.kinds import Kind
from chatgraph.models import Happening, Membership
from chatgraph.schema.context import Info
from chatgraph.schema.ids import cursor, global_id
from chatgraph.schema.types.houses import House
from chatgraph.schema.types.members import Member
from chatgraph.schema.types.node import find, show
from chatgraph.schema.types.rooms import Room
from chatgraph.schema.types.talks import Talk
from chatgraph.schema.types.users import User

GONE = "null once it is gone for ever."


@strawberry.interface(description="Something that happened in a house.")
class Event:
    cursor: str = strawberry.field(
        description="Its place in the house's journal: given as `after`, what follows it is told."
    )
    time: datetime = strawberry.field(description="When it happened.")
    key: strawberry.Private[int] = 0
    house_key: strawberry.Private[int] = 0


@strawberry.type
class OfTalk(Event):
    @strawberry.field(description=f"The talk as it is now; {GONE}")
    async def talk(self, info: Info) -> Talk | None:
        return await find(info, "Talk", self.key)


@strawberry.type(description="Something was said.")
class TalkPosted(OfTalk):
    pass


@strawberry.type(description="A talk says something else.")
class TalkEdited(OfTalk):
    pass


@strawberry.type(description="A talk was taken back: it is a tombstone.")
class TalkRemoved(OfTalk):
    pass


@strawberry.type
class OfRoom(Event):
    @strawberry.field(description=f"The room as it is now; {GONE}")
    async def room(self, info: Info) -> Room | None:
        return await find(info, "Room", self.key)


@strawberry.type(description="A room was opened.")
class RoomCreated(OfRoom):
    pass


@strawberry.type(description="A room's title or topic changed, or it was opened again, locked or unlocked.")
class RoomUpdated(OfRoom):
    pass


@strawberry.type(description="A room was closed for new talks.")
class RoomArchived(OfRoom):
    pass


@strawberry.type(description="A room is gone, with its talks.")
class RoomDeleted(Event):
    @strawberry.field(description="The `id` that the room had.")
    def room_id(self) -> strawberry.ID:
        return strawberry.ID(global_id("Room", self.key))


@strawberry.type
class OfMember(Event):
    @strawberry.field(description="The user.")
    async def user(self, info: Info) -> User | None:
        return await find(info, "User", self.key)


@strawberry.type
class OfMembership(OfMember):
    @strawberry.field(description="The member as they are now; null once they aren't one any more.")
    async def member(self, info: Info) -> Member | None:
        try:
            return show(await info.context.load.membership.load(Membership(self.house_key, self.key)))
        except NotFound:
            return None


@strawberry.type(description="Somebody became a member.")
class MemberJoined(OfMembership):
    pass


@strawberry.type(description="Somebody isn't a member any more: they left, or were put out.")
class MemberLeft(OfMember):
    pass


@strawberry.type(description="A member has another role, was muted, or may speak again.")
class MemberChanged(OfMembership):
    pass


@strawberry.type(
    description="The house's name, description or visibility changed, or whether it takes join requests."
)
class HouseUpdated(Event):
    @strawberry.field(description="The house as it is now.")
    async def house(self, info: Info) -> House | None:
        return await find(info, "House", self.key)


@strawberry.type(description="The house is gone, with all that was in it.")
class HouseDeleted(Event):
    @strawberry.field(description="The `id` that the house had.")
    def house_id(self) -> strawberry.ID:
        return strawberry.ID(global_id("House", self.key))


@strawberry.enum(description="Why nothing can be told that surely follows what was told before.")
class ResyncReason(Enum):
    EXPIRED = strawberry.enum_value(
        "expired", description="The journal doesn't reach back to the cursor any more."
    )
    FOREIGN_CURSOR = strawberry.enum_value("foreign", description="The cursor is of another house's journal.")
    UNKNOWN_CURSOR = strawberry.enum_value(
        "unknown",
        description="The journal never came to that cursor; an older copy of it may have been restored.",
    )


@strawberry.type(
    description="Something may have been missed: load again what is shown. What follows this event is told."
)
class Resync(Event):
    reason: ResyncReason = strawberry.field(description="Why.", default=ResyncReason.EXPIRED)


EVENTS: dict[int, type[Event]] = {
    Kind.HOUSE_UPDATED: HouseUpdated,
    Kind.HOUSE_DELETED: HouseDeleted,
    Kind.MEMBER_JOINED: MemberJoined,
    Kind.MEMBER_LEFT: MemberLeft,
    Kind.MEMBER_CHANGED: MemberChanged,
    Kind.ROOM_CREATED: RoomCreated,
    Kind.ROOM_UPDATED: RoomUpdated,
    Kind.ROOM_ARCHIVED: RoomArchived,
    Kind.ROOM_DELETED: RoomDeleted,
    Kind.TALK_POSTED: TalkPosted,
    Kind.TALK_EDITED: TalkEdited,
    Kind.TALK_REMOVED: TalkRemoved,
}


def dress_event(happening: Happening) -> Event | None:
    """Dress what happened; None for what isn't told, such as bans."""
    event = EVENTS.get(happening.kind)
    place = cursor(f"journal/{happening.house_id}", happening.seq + 1)
    about = {"key": happening.subject_id, "house_key": happening.house_id}
    return None if event is None else event(cursor=place, time=happening.time, **about)


def dress_resync(house_id: int, seq: int, reason: ResyncReason) -> Resync:
    """Make the event that says that something may have been missed before a position of the journal."""
    place = cursor(f"journal/{house_id}", seq + 1)
    return Resync(cursor=place, time=datetime.now(UTC), reason=reason)
