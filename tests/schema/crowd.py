"""Many of everything, made in process, since making them over HTTP would take a test too long."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from chatgraph.chat import Chat
from chatgraph.models import Visibility
from chatgraph.operations import houses, rooms, talks
from chatgraph.schema.ids import global_id
from chatgraph.store import accounts
from chatgraph.store.rows import Connection
from chatgraph.viewer import Viewer


async def make_users(chat: Chat, count: int, prefix: str = "guest") -> list[Viewer]:
    """Make users who can't sign in, and give each as the viewer they would be."""

    async def change(db: Connection) -> list[Viewer]:
        names = [f"{prefix}{n}" for n in range(count)]
        now = datetime.now(UTC)
        return [Viewer((await accounts.add(db, name, name, name, "", now)).id) for name in names]

    return await chat.database.writer.write(change)


async def make_house(chat: Chat, owner: Viewer, name: str = "Engine") -> int:
    """Found a public house and give its number."""
    async with chat.visit(owner) as visit:
        return (await visit.perform(houses.create_house, name, "", Visibility.PUBLIC)).id


async def make_room(chat: Chat, creator: Viewer, house: int) -> int:
    """Open a room and give its number."""
    async with chat.visit(creator) as visit:
        return (await visit.perform(rooms.create_room, house, "Hall", "")).id


async def make_talks(chat: Chat, authors: Sequence[Viewer], room: int, count: int) -> None:
    """Let authors talk by turns."""

    async def say(author: Viewer) -> None:
        async with chat.visit(author) as visit:
            await visit.perform(talks.post_talk, room, "Hello")

    await asyncio.gather(*(say(authors[n % len(authors)]) for n in range(count)))


def room_id(number: int) -> str:
    """Give the global id of a room."""
    return global_id("Room", number)
