"""What is never kept is told in order to who may hear it: all there is at first, and what comes while it is told."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from chatgraph.errors import Forbidden
from chatgraph.events.whispers import Moved, PresenceIn, TypingIn, Wrote
from chatgraph.operations import moderation
from chatgraph.schema.graph import Question
from chatgraph.schema.live import hearing
from chatgraph.schema.live.batches import Slow
from chatgraph.schema.live.beginning import Hearer, listen
from chatgraph.schema.live.operations import Subscribed
from tests.conftest import Server
from tests.live.guests import Guest, Place, make_guests, make_place
from tests.live.wires import PATIENCE

TYPING = "subscription ($id: ID!) { told: typing(roomId: $id) { user { username } } }"
PRESENCE = "subscription ($id: ID!) { told: presence(houseId: $id) { user { username } online } }"


async def hear(
    server: Server,
    guest: Guest,
    query: str,
    id: str,  # noqa: A002
    send: Callable[[Any], Awaitable[None]],
) -> Hearer:
    """Begin to hear what *id* names: *send* is given what is told, once the hearer goes on."""
    live = server.app.state.live
    async with server.chat.visit(guest.viewer) as visit:
        begun = await live.begin(visit, Question(query, variables={"id": id}))
    assert isinstance(begun, Subscribed)
    hearer = listen(
        live, guest.viewer, begun, Slow(lambda payload: send(orjson.loads(payload)["data"]["told"]))
    )
    assert isinstance(hearer, Hearer)
    return hearer


def names(told: list[dict[str, Any]]) -> list[str]:
    return [one["user"]["username"] for one in told]


async def crowd(server: Server, count: int) -> tuple[list[Guest], Place]:
    """Give so many who live in a house, of whom the first owns it."""
    guests = await make_guests(server.chat, count)
    return guests, await make_place(server.chat, guests[0].viewer, [guest.viewer for guest in guests[1:]])


def whisper_typing(server: Server, guests: list[Guest], place: Place) -> None:
    until = datetime.now(UTC) + timedelta(seconds=6)
    for guest in guests:
        wrote = Wrote(place.room, guest.viewer.known(), typing=True, until=until)
        server.chat.hub.whispers.whisper(TypingIn(place.room), wrote)


async def test_all_who_are_there_are_told_however_many(server: Server) -> None:
    guests, place = await crowd(server, hearing.MOST_WAITING + 44)
    for guest in guests:
        server.chat.presence.came(guest.viewer.known())
    told: list[dict[str, Any]] = []

    async def send(one: dict[str, Any]) -> None:
        told.append(one)
        if len(told) == len(guests):
            hearer.stop()

    hearer = await hear(server, guests[0], PRESENCE, place.house_id, send)
    async with asyncio.timeout(PATIENCE):
        await hearer.go_on()
    assert sorted(names(told)) == sorted(f"guest{n}" for n in range(len(guests)))
    assert all(one["online"] for one in told)


async def test_who_comes_or_goes_while_something_is_told_is_told_however_many(server: Server) -> None:
    guests, place = await crowd(server, hearing.MOST_WAITING + 4)
    for guest in guests[:2]:
        server.chat.presence.came(guest.viewer.known())
    told: list[dict[str, Any]] = []

    def move(guest: Guest, *, online: bool) -> None:
        moved = Moved(guest.viewer.known(), online=online)
        server.chat.hub.whispers.whisper(PresenceIn(place.house), moved)

    async def send(one: dict[str, Any]) -> None:
        told.append(one)
        if len(told) == 1:
            for guest in guests[2:]:
                move(guest, online=True)
            move(guests[2], online=False)
            move(guests[1], online=False)
        if len(told) == len(guests):
            hearer.stop()

    hearer = await hear(server, guests[0], PRESENCE, place.house_id, send)
    async with asyncio.timeout(PATIENCE):
        await hearer.go_on()
    assert sorted(names(told[:2])) == ["guest0", "guest1"]
    came_and_went = [(f"guest{n}", True) for n in range(3, len(guests))] + [("guest1", False)]
    assert [(one["user"]["username"], one["online"]) for one in told[2:]] == came_and_went


async def test_of_what_is_not_worth_waiting_for_the_latest_is_told(server: Server) -> None:
    [owner, *others], place = await crowd(server, hearing.MOST_WAITING + 4)
    told: list[dict[str, Any]] = []

    async def send(one: dict[str, Any]) -> None:
        told.append(one)
        if len(told) == 1:
            whisper_typing(server, others[1:], place)
        if len(told) == 1 + hearing.MOST_WAITING:
            hearer.stop()

    hearer = await hear(server, owner, TYPING, place.room_id, send)
    going_on = asyncio.create_task(hearer.go_on())
    await asyncio.sleep(0)
    whisper_typing(server, others[:1], place)
    async with asyncio.timeout(PATIENCE):
        await going_on
    assert names(told) == ["guest1", *(f"guest{n}" for n in range(4, hearing.MOST_WAITING + 4))]


async def test_a_doubt_while_something_is_told_loses_nothing(server: Server) -> None:
    [owner, *others], place = await crowd(server, 6)
    told: list[dict[str, Any]] = []

    async def send(one: dict[str, Any]) -> None:
        told.append(one)
        if len(told) in (1, 3):  # the first of a few, and one in the middle of what was given back
            server.chat.hub.doubt(place.house, owner.viewer.known())
        if len(told) == 2 * len(others):
            hearer.stop()

    hearer = await hear(server, owner, TYPING, place.room_id, send)
    going_on = asyncio.create_task(hearer.go_on())
    await asyncio.sleep(0)  # it hears from now on
    whisper_typing(server, others, place)
    whisper_typing(server, others, place)
    async with asyncio.timeout(PATIENCE):
        await going_on
    assert names(told) == [f"guest{n}" for n in range(1, 6)] * 2


async def test_whose_right_ends_while_something_is_told_hears_no_more_of_it(server: Server) -> None:
    [owner, guest, *others], place = await crowd(server, 6)
    told: list[dict[str, Any]] = []

    async def send(one: dict[str, Any]) -> None:
        told.append(one)
        async with server.chat.visit(owner.viewer) as visit:
            await visit.perform(moderation.ban_user, place.house, guest.viewer.known(), "", None, 0)

    hearer = await hear(server, guest, TYPING, place.room_id, send)
    going_on = asyncio.create_task(hearer.go_on())
    await asyncio.sleep(0)
    whisper_typing(server, others, place)
    with pytest.raises(Forbidden):
        async with asyncio.timeout(PATIENCE):
            await going_on
    assert names(told) == ["guest2"]
