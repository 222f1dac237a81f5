"""People who call operations without a door, and what of the outcome only the database shows."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar

from sqlalchemy import select, update

from chatgraph.chat import Chat
from chatgraph.errors import Forbidden
from chatgraph.events.kinds import Kind
from chatgraph.models import (
    Act,
    Ban,
    House,
    Invite,
    Member,
    Page,
    Rank,
    Room,
    Standing,
    Talk,
    User,
    Visibility,
    Window,
)
from chatgraph.operations import houses, invites, members, moderation, rooms, talks
from chatgraph.operations.work import Operation, Steps, Work
from chatgraph.store.rows import Connection
from chatgraph.store.tables import audit_entries, journal
from chatgraph.viewer import ANONYMOUS, Viewer

Given = ParamSpec("Given")
Result = TypeVar("Result")
Noun = TypeVar("Noun")

ALL = Window(100)
HOUR = timedelta(hours=1)


def soon() -> datetime:
    """Give a time in an hour from now."""
    return datetime.now(UTC) + HOUR


def lately() -> datetime:
    """Give a time that has just passed."""
    return datetime.now(UTC) - timedelta(seconds=1)


class Caller:
    """Whoever calls operations, in as many visits as they make calls; without a viewer, the operator."""

    def __init__(self, chat: Chat, viewer: Viewer = ANONYMOUS) -> None:
        self.chat = chat
        self.viewer = viewer

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

    async def see(
        self,
        load: Callable[[Work, Collection[int]], Awaitable[Mapping[int, Noun | Forbidden]]],
        noun_id: int,
    ) -> Noun:
        """Load one thing. Raises what it is refused with, and `KeyError` where they don't know of it."""
        return _unless_refused((await self.ask(load, [noun_id]))[noun_id])

    async def listed(
        self,
        operation: Callable[[Work, Collection[int], Window], Awaitable[Mapping[int, Page[Noun] | Forbidden]]],
        parent_id: int,
    ) -> list[Noun]:
        """List what hangs on one thing. Raises what it is refused with, and `KeyError`."""
        return _unless_refused((await self.ask(operation, [parent_id], ALL))[parent_id]).items


def _unless_refused(answer: Result | Forbidden) -> Result:
    if isinstance(answer, Forbidden):
        raise answer
    return answer


class Person(Caller):
    """Somebody who is signed in, and what the tests let them do all the time."""

    def __init__(self, chat: Chat, user: User) -> None:
        super().__init__(chat, Viewer(user.id))
        self.id = user.id
        self.username = user.username

    async def found(self, name: str = "Engine", visibility: Visibility = Visibility.PUBLIC) -> House:
        return await self.perform(houses.create_house, name, "", visibility)

    async def enter(self, house: House) -> None:
        """Become a member, of a private house too."""
        await self.perform(members.let_in, house._replace(standing=Standing()))

    async def leave(self, house: House) -> House:
        return await self.perform(members.leave_house, house.id)

    async def open(self, house: House, title: str = "Hall") -> Room:
        return await self.perform(rooms.create_room, house.id, title, "")

    async def say(self, room: Room, content: str = "Hello") -> Talk:
        return (await self.perform(talks.post_talk, room.id, content))[0]

    async def make(self, person: "Person", rank: Rank, house: House) -> Member:
        """Set somebody's role."""
        return await self.perform(members.set_role, house.id, person.id, rank)

    async def ban(self, person: "Person", house: House, **how: Any) -> Ban:
        return await self.perform(moderation.ban_user, house.id, person.id, **how)

    async def mute(self, person: "Person", house: House) -> Member:
        """Mute somebody for an hour."""
        return await self.perform(moderation.mute_member, house.id, person.id, soon())

    async def invite(self, house: House, most_uses: int | None = None) -> tuple[Invite, str]:
        return await self.perform(invites.create_invite, house.id, most_uses=most_uses)

    async def standing(self, house: House) -> Standing:
        return (await self.see(houses.load_houses, house.id)).standing


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


class Logged(NamedTuple):
    """A row of the audit log."""

    house_id: int | None
    act: Act
    actor_id: int | None
    subject_id: int
    detail: str
    reason: str
    time: datetime


async def read_log(chat: Chat) -> list[Logged]:
    """Give the whole audit log, oldest first."""
    statement = select(*(audit_entries.c[name] for name in Logged._fields)).order_by(audit_entries.c.id)
    async with chat.database.reading() as db:
        rows = (await db.execute(statement)).all()
    return [Logged._make(row)._replace(act=Act(row.act)) for row in rows]


async def count(chat: Chat, table: Any) -> int:
    """Give how many rows a table has."""
    async with chat.database.reading() as db:
        return len((await db.execute(select(table))).all())


async def set_all(chat: Chat, table: Any, where: Any = True, **values: Any) -> None:
    """Set columns of all rows of a table, or of those *where* it is so, as if it had always been like that."""

    async def change(db: Connection) -> None:
        await db.execute(update(table).where(where).values(**values))

    await chat.database.write(change)
