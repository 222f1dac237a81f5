"""People who call operations without a door, and what of the outcome only the database shows."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar

from sqlalchemy import select

from chatgraph.chat import Chat
from chatgraph.events.kinds import Kind
from chatgraph.models import House, Room, User, Visibility
from chatgraph.operations import houses, members, rooms
from chatgraph.operations.work import Operation, Steps
from chatgraph.store.tables import journal
from chatgraph.viewer import Viewer

Given = ParamSpec("Given")
Result = TypeVar("Result")


class Person:
    """Somebody who is signed in, in as many visits as they make calls."""

    def __init__(self, chat: Chat, user: User) -> None:
        self.chat = chat
        self.id = user.id
        self.viewer = Viewer(user.id)

    async def ask(
        self, operation: Operation[Given, Result], *given: Given.args, **named: Given.kwargs
    ) -> Result:
        async with self.chat.visit(self.viewer) as visit:
            return await visit.ask(operation, *given, **named)

    async def perform(
        self, operation: Operation[Given, Result], *given: Given.args, **named: Given.kwargs
    ) -> Result:
        async with self.chat.visit(self.viewer) as visit:
            return await visit.perform(operation, *given, **named)

    async def carry_out(
        self,
        operation: Callable[Concatenate[Steps, Given], Awaitable[Result]],
        *given: Given.args,
        **named: Given.kwargs,
    ) -> Result:
        async with self.chat.visit(self.viewer) as visit:
            return await visit.carry_out(operation, *given, **named)

    # What the tests do all the time.

    async def found(self, name: str = "Engine", visibility: Visibility = Visibility.PUBLIC) -> House:
        return await self.perform(houses.create_house, name, "", visibility)

    async def enter(self, house: House) -> None:
        """Become a member, of a private house too, to which there is no other way yet."""
        await self.perform(members.let_in, house._replace(viewer_rank=None))

    async def open(self, house: House, title: str = "Hall") -> Room:
        return await self.perform(rooms.create_room, house.id, title, "")


class Entry(NamedTuple):
    """A row of a journal."""

    house_id: int
    seq: int
    room_id: int | None
    kind: Kind
    subject_id: int
    actor_id: int | None
    time: datetime


async def read_journal(chat: Chat, house_id: int) -> list[Entry]:
    """Give what stands in a house's journal, in its order."""
    statement = select(*(journal.c[name] for name in Entry._fields)).where(journal.c.house_id == house_id)
    async with chat.database.reading() as db:
        rows = (await db.execute(statement.order_by(journal.c.seq))).all()
    return [Entry._make(row)._replace(kind=Kind(row.kind)) for row in rows]


async def count(chat: Chat, table: Any) -> int:
    """Give how many rows a table has."""
    async with chat.database.reading() as db:
        return len((await db.execute(select(table))).all())
