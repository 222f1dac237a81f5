"""Many of everything, made in process, since making them over HTTP would take a test too long."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import ParamSpec, TypeVar

from sqlalchemy import insert, select

from chatgraph.chat import Chat
from chatgraph.models import Act, Rank, Visibility
from chatgraph.operations import houses, invites, members, moderation, rooms, talks
from chatgraph.operations.work import Operation, Work
from chatgraph.schema.ids import global_id, split_id
from chatgraph.store import accounts, audit, bans, join_requests, tables
from chatgraph.store import houses as kept_houses
from chatgraph.store.rows import Connection
from chatgraph.viewer import Viewer
from tests.cast import Actor

Given = ParamSpec("Given")
Result = TypeVar("Result")


async def act(
    db: Connection,
    viewer: Viewer,
    operation: Operation[Given, Result],
    *given: Given.args,
    **named: Given.kwargs,
) -> Result:
    """Let a viewer do something in the transaction at hand."""
    work = Work(db, viewer)
    result = await operation(work, *given, **named)
    await work.keep_told()
    return result


def viewer_of(actor: Actor) -> Viewer:
    """Give an actor as the viewer they are in process."""
    return Viewer(split_id(actor.id, "id")[1])


async def make_users(chat: Chat, count: int, prefix: str = "guest") -> list[Viewer]:
    """Make users who can't sign in, and give each as the viewer they would be."""

    async def change(db: Connection) -> list[Viewer]:
        names = [f"{prefix}{n}" for n in range(count)]
        now = datetime.now(UTC)
        return [Viewer((await accounts.add(db, name, name, name, "", now)).id) for name in names]

    return await chat.database.write(change)


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


async def make_busy_house(chat: Chat, owner: Viewer, guests: Sequence[Viewer]) -> int:
    """
    Found a house and give its number: each of the *guests* is a member with a room of their own, a talk in it, and an
    invite that they made; the audit log tells of all of that by turns. As many more are banned or ask to be let in.
    """
    others = await make_users(chat, len(guests), f"{guests[0].user_id}x")

    async def change(db: Connection) -> int:
        now = datetime.now(UTC)
        house = await act(db, owner, houses.create_house, "Busy", "", Visibility.PUBLIC)
        for n, (guest, other) in enumerate(zip(guests, others, strict=True)):
            room = await act(db, guest, rooms.create_room, house.id, f"Room {n}", "")
            talk, _ = await act(db, guest, talks.post_talk, room.id, "Hello")
            await act(db, owner, members.set_role, house.id, guest.known(), Rank.MODERATOR)
            invite, _ = await act(db, guest, invites.create_invite, house.id)
            await act(db, guest, moderation.ban_user, house.id, other.known())
            await join_requests.add(db, house.id, other.known(), "", now)
            subjects = {
                Act.HOUSE_UPDATED: house.id,
                Act.MEMBER_MUTED: guest.known(),
                Act.INVITE_REVOKED: invite.id,
                Act.ROOM_UPDATED: room.id,
                Act.TALK_REMOVED: talk.id,
            }
            for what, subject in subjects.items():
                await audit.append(db, what, house.id, subject, "", "", guest.user_id, now)
        return house.id

    return await chat.database.write(change)


async def make_unseen(chat: Chat, viewer: Viewer, count: int) -> None:
    """
    Keep as many houses that a viewer doesn't see, and as many rooms with a talk each into which they may not look:
    by turns in somebody's private house and in a public one that they are banned from.
    """
    [stranger] = await make_users(chat, 1, "unseen")
    now = datetime.now(UTC)

    async def change(db: Connection) -> None:
        house = {"name": "Unseen", "description": "", "create_time": now}
        rows = [{**house, "visibility": Visibility.PRIVATE.value} for _ in range(count)]
        await db.execute(insert(tables.houses), rows)
        there = [await kept_houses.add(db, "Unseen", "", each, False, now) for each in Visibility]
        for each in there:
            await bans.ban(db, each, viewer.known(), stranger.known(), "", now, None)
        made = {"title": "Unseen", "topic": "", "creator_id": stranger.known(), "create_time": now}
        rooms_there = [{**made, "house_id": there[n % 2]} for n in range(count)]
        await db.execute(insert(tables.rooms), rooms_there)
        keys = select(tables.rooms.c.id).where(tables.rooms.c.house_id.in_(there))
        said = {"seq": 1, "content": "Unseen", "creator_id": stranger.known(), "create_time": now}
        await db.execute(insert(tables.talks), [{**said, "room_id": key} for [key] in await db.execute(keys)])

    await chat.database.write(change)


def room_id(number: int) -> str:
    """Give the global id of a room."""
    return global_id("Room", number)
