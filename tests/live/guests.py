"""Guests, rooms and talks, made in process: as many, and as fast, as a test wants them."""

import asyncio
import itertools
import os
import random
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Self

import httpx
from sqlalchemy import insert, select, update

from chatgraph.chat import Chat
from chatgraph.credentials.tokens import digest, new_refresh
from chatgraph.errors import ChatError
from chatgraph.events.kinds import Kind
from chatgraph.models import Happening, Visibility
from chatgraph.operations import houses, members, rooms, talks
from chatgraph.schema.ids import global_id
from chatgraph.schema.types.events import EVENTS
from chatgraph.store import journal, sessions, tables
from chatgraph.store.rows import Connection
from chatgraph.viewer import Viewer
from tests.cast import Actor
from tests.schema.crowd import act, make_users


def rounds(name: str, usual: int) -> int:
    """Give how often something is done: *usual*, or what `CHATGRAPH_TEST_<NAME>` says."""
    return int(os.environ.get(f"CHATGRAPH_TEST_{name}", usual))


class Guest(NamedTuple):
    """A user, as whom they are in process and by the tokens that they send."""

    viewer: Viewer
    token: str
    refresh_token: str

    @property
    def id(self) -> str:
        """Their global id."""
        return global_id("User", self.viewer.known())

    def over(self, http: httpx.AsyncClient) -> Actor:
        """Give them as somebody who calls the server over HTTP."""
        actor = Actor(http, "")
        actor.id, actor.token, actor.refresh_token = self.id, self.token, self.refresh_token
        return actor


class Place(NamedTuple):
    """A house and a room in it, by their numbers."""

    house: int
    room: int

    @property
    def house_id(self) -> str:
        """The house's global id."""
        return global_id("House", self.house)

    @property
    def room_id(self) -> str:
        """The room's global id."""
        return global_id("Room", self.room)


async def make_guests(chat: Chat, count: int, prefix: str = "guest") -> list[Guest]:
    """Make users who are signed in."""
    viewers = await make_users(chat, count, prefix)

    async def change(db: Connection) -> list[Guest]:
        now, guests = datetime.now(UTC), []
        for viewer in viewers:
            session = await sessions.open_session(db, viewer.known(), "", now, now + timedelta(days=1))
            access, refresh = chat.tokens.issue_access(viewer.known(), session.id, now), new_refresh()
            await sessions.add_token(db, digest(refresh), session.id)
            guests.append(Guest(Viewer(viewer.user_id, session.id), access, refresh))
        return guests

    return await chat.database.write(change)


async def make_place(
    chat: Chat, owner: Viewer, guests: Collection[Viewer] = (), visibility: Visibility = Visibility.PUBLIC
) -> Place:
    """Found a house with a room, to which the *guests* belong."""

    async def change(db: Connection) -> Place:
        house = await act(db, owner, houses.create_house, "Engine", "", visibility)
        room = await act(db, owner, rooms.create_room, house.id, "Hall", "")
        for guest in guests:
            await act(db, guest, members.admit, house.id, guest.known())
        return Place(house.id, room.id)

    return await chat.database.write(change)


async def say(chat: Chat, author: Viewer, room: int, content: str = "Hello") -> int:
    """Post a talk and give its number."""
    async with chat.visit(author) as visit:
        return (await visit.perform(talks.post_talk, room, content))[0].id


async def make_past(chat: Chat, place: Place, author: Viewer, count: int, content: str = "Hello") -> None:
    """Keep so many talks as if they had been posted, in a room without any."""

    async def change(db: Connection) -> None:
        [first] = (await db.execute(select(tables.houses.c.journal_seq).filter_by(id=place.house))).one()
        now, seqs = datetime.now(UTC), range(1, count + 1)
        by = {"room_id": place.room, "creator_id": author.user_id, "create_time": now}
        await db.execute(insert(tables.talks), [{**by, "seq": n, "content": f"{content} {n}"} for n in seqs])
        found = await db.execute(
            select(tables.talks.c.id).filter_by(room_id=place.room).order_by(tables.talks.c.seq)
        )
        same = {"house_id": place.house, "room_id": place.room, "actor_id": author.user_id, "time": now}
        happened = [
            {**same, "seq": first + n, "kind": Kind.TALK_POSTED, "subject_id": talk}
            for n, talk in enumerate(found.scalars(), 1)
        ]
        await db.execute(insert(tables.journal), happened)
        await db.execute(update(tables.houses).filter_by(id=place.house).values(journal_seq=first + count))
        await db.execute(update(tables.rooms).filter_by(id=place.room).values(last_seq=count))

    await chat.database.write(change)


async def read_journal(chat: Chat, house: int, after: int = 0) -> list[Happening]:
    """Give all that happened in a house after a position."""
    async with chat.database.reading() as db:
        return (await journal.read(db, house, after, 0, 10**9)).happenings


def as_told(happenings: list[Happening], room: int | None = None) -> list[tuple[int, str, int]]:
    """Give what listeners to the house, or to one *room*, are to be told: the place, the kind and the subject."""
    return [
        (one.seq, EVENTS[one.kind].__name__, one.subject_id)
        for one in happenings
        if one.kind in EVENTS and room in (None, one.room_id)
    ]


class Flow:
    """
    Talks that are posted, edited and removed for as long as the context lasts, about *rate* a second in all.

    `done` counts what was acknowledged.
    """

    def __init__(self, chat: Chat, place: Place, authors: list[Viewer], rate: float = 500) -> None:
        self.done = 0
        self._chat, self._place, self.authors, self._rate = chat, place, authors, rate
        self._numbers = itertools.count(1)
        self._tasks: list[asyncio.Task[None]] = []
        self._news = asyncio.Event()
        self._stopped = False

    async def __aenter__(self) -> Self:
        self._began = asyncio.get_running_loop().time()
        self._tasks = [asyncio.create_task(self._go_on(author)) for author in self.authors]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stopped = True
        await asyncio.gather(*self._tasks)

    @property
    def per_second(self) -> float:
        """How many changes were acknowledged a second until now."""
        return self.done / (asyncio.get_running_loop().time() - self._began)

    async def until_done(self, more: int) -> None:
        """Wait until so many *more* changes were acknowledged."""
        wanted = self.done + more
        async with asyncio.timeout(60):
            while self.done < wanted:
                self._news.clear()
                await self._news.wait()

    async def _go_on(self, author: Viewer) -> None:
        standing: list[int] = []
        loop = asyncio.get_running_loop()
        while not self._stopped:
            number = next(self._numbers)
            await asyncio.sleep(max(0, self._began + number / self._rate - loop.time()))  # keeps the rate
            try:
                await self._change(author, standing, f"said {number}")
            except ChatError:
                return  # they may not any more
            self.done += 1
            self._news.set()

    async def _change(self, author: Viewer, standing: list[int], content: str) -> None:
        dice = random.random() if standing else 0
        async with self._chat.visit(author) as visit:
            if dice < 0.7:
                talk, _ = await visit.perform(talks.post_talk, self._place.room, content)
                standing.append(talk.id)
            elif dice < 0.9:
                await visit.perform(talks.edit_talk, random.choice(standing), content)
            else:
                await visit.perform(talks.remove_talk, standing.pop(random.randrange(len(standing))))
