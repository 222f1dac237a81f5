"""What an operation has at hand."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from chatgraph.credentials.passwords import Passwords
from chatgraph.credentials.tokens import Tokens
from chatgraph.events.kinds import Event, Kind
from chatgraph.models import House
from chatgraph.store import journal
from chatgraph.store.rows import Connection
from chatgraph.viewer import Viewer

Given = ParamSpec("Given")
Result = TypeVar("Result")


@dataclass(slots=True)
class Work:
    """One operation in one transaction: who asks, when, on which connection, and what happened so far."""

    db: Connection
    viewer: Viewer
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    announced: list[Event] = field(default_factory=list)

    def announce(self, kind: Kind, house_id: int, subject_id: int, room_id: int | None = None) -> None:
        """Say that something happened; listeners hear of it after the commit."""
        self.announced.append(Event(kind, house_id, subject_id, room_id))

    def as_left(self, house: House) -> House:
        """Give a house at the position that its journal has once this is done, having read it before."""
        steps = sum(event.house_id == house.id for event in self.announced)
        return house._replace(journal_seq=house.journal_seq + steps)

    async def keep_announced(self) -> None:
        """Write what was announced to the journals, in the transaction that made it happen."""
        for event in self.announced:
            await journal.append(
                self.db,
                event.house_id,
                event.kind,
                event.subject_id,
                event.room_id,
                self.viewer.user_id,
                self.now,
            )


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
