"""A house in which anything happens: whoever is there does whatever they may, as numbers say."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import select

from chatgraph.chat import Chat, Visit
from chatgraph.errors import ChatError
from chatgraph.models import Rank, Visibility
from chatgraph.operations import houses, members, moderation, rooms, talks
from chatgraph.store import tables
from chatgraph.viewer import Viewer
from tests.live.guests import Place, make_guests, make_place


class Choice(NamedTuple):
    """What somebody acts on: a user, a room and a talk of the house, and a number for all that is left to choose."""

    house: int
    user: int
    room: int
    talk: int
    number: int


Act = Callable[[Visit, Choice], Awaitable[Any]]


def soon() -> datetime:
    return datetime.now(UTC) + timedelta(hours=1)


ACTS: dict[str, Act] = {
    "post": lambda v, c: v.perform(talks.post_talk, c.room, f"said {c.number}"),
    "edit": lambda v, c: v.perform(talks.edit_talk, c.talk, f"edited {c.number}"),
    "take back": lambda v, c: v.perform(talks.remove_talk, c.talk),
    "open": lambda v, c: v.perform(rooms.create_room, c.house, f"Room {c.number}", ""),
    "retitle": lambda v, c: v.perform(rooms.update_room, c.room, f"Room {c.number}", None),
    "archive": lambda v, c: v.perform(rooms.archive_room, c.room, bool(c.number % 2)),
    "lock": lambda v, c: v.perform(rooms.lock_room, c.room, bool(c.number % 2)),
    "delete a room": lambda v, c: v.perform(rooms.delete_room, c.room),
    "join": lambda v, c: v.perform(members.join_house, c.house),
    "leave": lambda v, c: v.perform(members.leave_house, c.house),
    "promote": lambda v, c: v.perform(
        members.set_role, c.house, c.user, (Rank.MEMBER, Rank.MODERATOR)[c.number % 2]
    ),
    "put out": lambda v, c: v.perform(members.remove_member, c.house, c.user),
    "hand over": lambda v, c: v.perform(members.transfer_house, c.house, c.user),
    "mute": lambda v, c: v.perform(moderation.mute_member, c.house, c.user, soon()),
    "unmute": lambda v, c: v.perform(moderation.unmute_member, c.house, c.user),
    "ban": lambda v, c: v.perform(moderation.ban_user, c.house, c.user, "", None, 24 * (c.number % 2)),
    "unban": lambda v, c: v.perform(moderation.unban_user, c.house, c.user),
    "rename": lambda v, c: v.perform(houses.update_house, c.house, f"House {c.number % 3}", None, None),
    "describe": lambda v, c: v.perform(houses.update_house, c.house, None, f"About {c.number}", None),
    "hide or show": lambda v, c: v.perform(
        houses.update_house, c.house, None, None, list(Visibility)[c.number % 2]
    ),
}


# An act, the index of who tries it, and a number that chooses the rest.
Step = tuple[str, int, int]


class World(NamedTuple):
    """A house, the people who act in it, and a member who only listens."""

    chat: Chat
    place: Place
    people: list[Viewer]
    listens: Viewer

    async def play(self, steps: list[Step]) -> None:
        """Let somebody try each of the acts; who may not, doesn't."""
        for name, actor, number in steps:
            choice = await self._choose(number)
            async with self.chat.visit(self.people[actor]) as visit:
                with suppress(ChatError):
                    await ACTS[name](visit, choice)

    async def _choose(self, number: int) -> Choice:
        async with self.chat.database.reading() as db:
            open_rooms = select(tables.rooms.c.id).where(
                tables.rooms.c.house_id == self.place.house, tables.rooms.c.delete_time.is_(None)
            )
            found = [(await db.execute(open_rooms)).scalars().all()]
            of_rooms = select(tables.talks.c.id).where(tables.talks.c.room_id.in_(open_rooms))
            found.append((await db.execute(of_rooms)).scalars().all())
        room, talk = (rows[number % len(rows)] if rows else 1 for rows in found)
        user = self.people[number % len(self.people)].known()
        return Choice(self.place.house, user, room, talk, number)


async def build_world(chat: Chat) -> World:
    """Found a house with an owner, a moderator, two members and an outsider, in which something was said."""
    async with chat.database.reading() as db:
        count = len((await db.execute(select(tables.users.c.id))).all())
    guests = await make_guests(chat, 6, f"p{count}x")
    people, listens = [guest.viewer for guest in guests[:5]], guests[5].viewer
    place = await make_place(chat, people[0], [*people[1:4], listens])
    world = World(chat, place, people, listens)
    async with chat.visit(people[0]) as visit:
        await visit.perform(members.set_role, place.house, people[1].known(), Rank.MODERATOR)
    await world.play([("post", number, number) for number in range(4)])
    return world
