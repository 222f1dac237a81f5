"""What an operation has at hand."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from typing import Concatenate, NamedTuple, ParamSpec, Protocol, TypeVar

from chatgraph.credentials.passwords import Passwords
from chatgraph.credentials.tokens import Tokens
from chatgraph.events.kinds import Event, Kind
from chatgraph.models import Act, House, Look, Registration
from chatgraph.store import audit, journal
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
class Work:
    """One operation in one transaction: who asks, when, on which connection, and what happened so far."""

    db: Connection
    viewer: Viewer
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    announced: list[Event] = field(default_factory=list)
    recorded: list[Recorded] = field(default_factory=list)

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

    async def keep_told(self) -> None:
        """Write what was announced and recorded, in the transaction that made it happen."""
        actor_id = self.viewer.user_id
        for entry in self.recorded:
            await audit.append(self.db, *entry, actor_id, self.now)
        for house_id, events in groupby(self.announced, key=lambda event: event.house_id):
            entries = [journal.Entry(event.kind, event.subject_id, event.room_id) for event in events]
            await journal.append(self.db, house_id, entries, actor_id, self.now)


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
