"""What an operation has at hand."""

from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, Concatenate, NamedTuple, ParamSpec, Protocol, TypeVar

from chatgraph.credentials.passwords import Passwords
from chatgraph.credentials.tokens import Tokens
from chatgraph.events.hub import Telling
from chatgraph.events.kinds import Event, Kind
from chatgraph.models import Act, House, Look, Registration, Room, Seen
from chatgraph.operations.memory import Memory
from chatgraph.store import audit, journal, sign_outs
from chatgraph.store.rows import Connection
from chatgraph.viewer import Viewer

Given = ParamSpec("Given")
Result = TypeVar("Result")


class Recorded(NamedTuple):
    """An act that the audit log shall tell of."""

    act: Act
    house_id: int | None
    subject_id: int
    detail: str
    reason: str


@dataclass(slots=True)
class Sights:
    """What a viewer was found to know of in one snapshot, where it stays as it is; None for what they don't see."""

    rooms: dict[int, Seen[Room] | None] = field(default_factory=dict)
    houses: dict[int, House | None] = field(default_factory=dict)


@dataclass(slots=True)
class Work:
    """
    What is done in one transaction: who asks, when, on which connection, and what happened so far.

    A write is one operation. All that is read in one snapshot is one work: it is looked at as it is *now*, though bans
    and mutes end by themselves, and its *sights* are what was found so far. It may take talks out of a *memory*.
    """

    db: Connection
    viewer: Viewer
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    announced: list[Event] = field(default_factory=list)
    recorded: list[Recorded] = field(default_factory=list)
    signed_out: list[int] = field(default_factory=list)
    whispered: list[tuple[Hashable, Any]] = field(default_factory=list)
    sights: Sights = field(default_factory=Sights)
    memory: Memory | None = None

    @property
    def look(self) -> Look:
        """Who looks, and when. Raises `Unauthenticated`."""
        return Look(self.viewer.known(), self.now)

    def announce(self, kind: Kind, house_id: int, subject_id: int, room_id: int | None = None) -> None:
        """Say that something happened; listeners hear of it after the commit."""
        self.announced.append(Event(kind, house_id, subject_id, room_id))

    def record(
        self, act: Act, house_id: int | None, subject_id: int, *, detail: str = "", reason: str = ""
    ) -> None:
        """Say what was done by rank, or by the operator; the audit log keeps it."""
        self.recorded.append(Recorded(act, house_id, subject_id, detail, reason))

    def as_left(self, house: House) -> House:
        """Give a house at the position that its journal has once this is done, having read it before."""
        steps = sum(event.house_id == house.id for event in self.announced)
        return house._replace(journal_seq=house.journal_seq + steps)

    def whisper(self, topic: Hashable, what: Any) -> None:
        """Tell who hears of *topic* now, once this is done; it is not kept."""
        self.whispered.append((topic, what))

    def sign_out(self, user_id: int) -> None:
        """Say that sessions of a user have ended; whoever listens in one stops after the commit."""
        self.signed_out.append(user_id)

    async def keep_told(self) -> list[Telling]:
        """Write what was announced and recorded, and who was signed out, in the transaction that made it happen. Give where it stands."""
        actor_id = self.viewer.user_id
        for entry in self.recorded:
            await audit.append(self.db, *entry, actor_id, self.now)
        for user_id in self.signed_out:
            await sign_outs.append(self.db, user_id, self.now)
        told = []
        for house_id, group in groupby(self.announced, key=lambda event: event.house_id):
            events = list(group)
            entries = [journal.Entry(event.kind, event.subject_id, event.room_id) for event in events]
            first = await journal.append(self.db, house_id, entries, actor_id, self.now)
            told += [
                Telling(house_id, first + n, event.kind, event.subject_id) for n, event in enumerate(events)
            ]
        return told


Operation = Callable[Concatenate[Work, Given], Awaitable[Result]]


class Steps(Protocol):
    """
    What an operation of several transactions has at hand.

    Hashing a password takes a hundred milliseconds, which no transaction may last: such an operation reads, hashes,
    and then writes.
    """

    viewer: Viewer
    passwords: Passwords
    tokens: Tokens
    registration: Registration

    async def ask(
        self, operation: Operation[Given, Result], *given: Given.args, **named: Given.kwargs
    ) -> Result:
        """Run a read."""
        ...

    async def perform(
        self, operation: Operation[Given, Result], *given: Given.args, **named: Given.kwargs
    ) -> Result:
        """Run a write."""
        ...
