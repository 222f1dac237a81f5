"""The root fields of subscriptions: where each begins, and who may listen. `schema.live` tells what follows."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Annotated, Any

import strawberry

from chatgraph.chat import Visit
from chatgraph.errors import Invalid
from chatgraph.events.whispers import AboutUser, Moved, PresenceIn, TypingIn
from chatgraph.operations import events, presence
from chatgraph.schema.context import Info
from chatgraph.schema.ids import read_id, split_cursor
from chatgraph.schema.types.events import Event, ResyncReason
from chatgraph.schema.types.whispers import Presence, Typing, ViewerEvent

AfterEvent = Annotated[
    str | None,
    strawberry.argument(
        description="A `cursor` of the house or of one of its events: what follows it is told first, "
        "each event once and in order. Without it, what happens from now on."
    ),
]


@dataclass(slots=True)
class Source:
    """
    Where somebody begins to listen: after *seq* of a house's journal, to all of it or to one room.

    *resync* says why what they have told before may not lead up to it.
    """

    house_id: int
    room_id: int | None
    seq: int
    resync: ResyncReason | None = None

    def __aiter__(self) -> AsyncIterator[Event]:
        raise NotImplementedError("Sources are followed by schema.live, once for all who ask the same.")


@dataclass(slots=True)
class Murmur:
    """
    What somebody wants to hear of that is never kept: *topics* and, where *hears_talks*, how much is said in houses.

    *ask* asks their right to it again; it gives the houses in which they hear how much is said, where they do. *first* is
    told at once, and what *but_not* did is not told.
    """

    topics: list[Hashable]
    ask: Callable[[Visit], Awaitable[Any]]
    house_id: int = 0
    first: list[Any] = field(default_factory=list)
    hears_talks: bool = False
    but_not: int | None = None

    def __aiter__(self) -> AsyncIterator[Any]:
        raise NotImplementedError("Murmurs are heard by schema.live.")


@strawberry.type(
    description="What happens, as it happens. It is read from the house's journal: after a break, `after` the last "
    "cursor goes on without a gap and without a repeat; where that can't be proved, there is a `Resync`."
)
class Subscription:
    @strawberry.subscription(description="What happens in a house.")
    async def house_events(
        self,
        info: Info,
        house_id: Annotated[strawberry.ID, strawberry.argument(description="The `id` of the house.")],
        after: AfterEvent = None,
    ) -> AsyncGenerator[Event, None]:
        key = read_id(house_id, "House", "houseId")
        return await _begin(info, key, None, after)  # type: ignore[return-value]

    @strawberry.subscription(description="What happens in a room.")
    async def room_events(
        self,
        info: Info,
        room_id: Annotated[strawberry.ID, strawberry.argument(description="The `id` of the room.")],
        after: AfterEvent = None,
    ) -> AsyncGenerator[Event, None]:
        key = read_id(room_id, "Room", "roomId")
        room = await info.context.load.room.one(key)
        return await _begin(info, room.house_id, key, after)  # type: ignore[return-value]

    @strawberry.subscription(
        description="Who writes in a room, the viewer aside. It is not kept: what happens during a break is not told."
    )
    async def typing(
        self,
        info: Info,
        room_id: Annotated[strawberry.ID, strawberry.argument(description="The `id` of the room.")],
    ) -> AsyncGenerator[Typing, None]:
        key = read_id(room_id, "Room", "roomId")
        room = await info.context.load.room.one(key)
        murmur = Murmur(
            [TypingIn(key)],
            lambda visit: visit.ask(events.follow, room.house_id, key),
            house_id=room.house_id,
            but_not=info.context.viewer.known(),
        )
        return await _hear(info, murmur)  # type: ignore[return-value]

    @strawberry.subscription(
        description="Which members of a house are there: first those who are, then who comes and goes. "
        "Members alone may know, and who hides it isn't told."
    )
    async def presence(
        self,
        info: Info,
        house_id: Annotated[strawberry.ID, strawberry.argument(description="The `id` of the house.")],
    ) -> AsyncGenerator[Presence, None]:
        key = read_id(house_id, "House", "houseId")
        online = info.context.visit.chat.presence.online
        there = await info.context.ask(presence.find_present, key, online)
        murmur = Murmur(
            [PresenceIn(key)],
            lambda visit: visit.ask(presence.see_presence, key),
            house_id=key,
            first=[Moved(user_id, online=True) for user_id in there],
        )
        return await _hear(info, murmur)  # type: ignore[return-value]

    @strawberry.subscription(
        description="What concerns the viewer in any of their houses. It is not kept: load what is shown after a break."
    )
    async def viewer_events(self, info: Info) -> AsyncGenerator[ViewerEvent, None]:
        user_id = info.context.viewer.known()
        murmur = Murmur(
            [AboutUser(user_id)], lambda visit: visit.ask(presence.list_own_houses), hears_talks=True
        )
        return await _hear(info, murmur)  # type: ignore[return-value]


async def _hear(info: Info, murmur: Murmur) -> Murmur:
    """Ask for the right to hear, in the words of who begins to."""
    await murmur.ask(info.context.visit)
    return murmur


async def _begin(info: Info, house_id: int, room_id: int | None, after: str | None) -> Source:
    """Find where to begin. A position that isn't in this journal is told by a resync, from now on."""
    house = await info.context.ask(events.follow, house_id, room_id)
    now = house.journal_seq
    if after is None:
        return Source(house_id, room_id, now)
    scope, key = split_cursor(after, "after")
    kind, _, journal_of = scope.partition("/")
    if kind != "journal" or not journal_of:
        raise Invalid("`after` is a cursor of a list; send the `cursor` of a house or of an event.", "after")
    if journal_of != str(house_id):
        return Source(house_id, room_id, now, ResyncReason.FOREIGN_CURSOR)
    seq = key - 1
    if seq > now:
        return Source(house_id, room_id, now, ResyncReason.UNKNOWN_CURSOR)
    if not (await info.context.ask(events.read_on, house_id, room_id, seq, 1)).whole:
        return Source(house_id, room_id, now, ResyncReason.EXPIRED)
    return Source(house_id, room_id, seq)
