"""Who writes, who is there, and what concerns somebody in all their houses: told to who may know, and never kept."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chatgraph.events.hub import Telling
from chatgraph.events.kinds import Kind
from chatgraph.events.whispers import AboutUser, Moved, PresenceIn, Said
from chatgraph.schema.ids import split_id
from chatgraph.schema.live import pulses
from chatgraph.schema.live.hearing import Hearer
from tests.cast import Actor, Cast
from tests.conftest import Server
from tests.live.wires import Wire, until, wired
from tests.pauses import Paused

TYPING = "subscription ($id: ID!) { told: typing(roomId: $id) { user { username } typing until } }"
PRESENCE = "subscription ($id: ID!) { told: presence(houseId: $id) { user { username } online } }"
VIEWER_EVENTS = """subscription { told: viewerEvents {
  __typename houseId ... on HouseJoined { house { name } } ... on RoleChanged { house { viewerRole } }
  ... on NewTalks { room { title } count }
} }"""
CURSOR = "query ($id: ID!) { house(id: $id) { cursor } }"


@asynccontextmanager
async def hearing(server: Server, actor: Actor, query: str, **variables: Any) -> AsyncIterator[Wire]:
    """Let an actor hear, from now on."""
    heard: set[Hearer] = server.app.state.live.listeners
    before = heard.copy()  # some of whom may be about to go
    async with wired(server, actor) as wire:
        await wire.subscribe("1", query, **variables)
        await until(lambda: heard - before and not any(one._doubted for one in heard))
        yield wire


async def told(wire: Wire) -> dict[str, Any]:
    """Give what is told next."""
    message = await wire.hear()
    assert message["type"] == "next", message
    assert "errors" not in message["payload"], message
    return message["payload"]["data"]["told"]


async def refused(wire: Wire) -> str:
    """Give the code of the error that ends it."""
    message = await wire.hear()
    assert message["type"] == "error", message
    return message["payload"][0]["extensions"]["code"]


@pytest.fixture
async def house(cast: Cast) -> str:
    """A house of Ada's in which Ben lives."""
    house = await cast.ada.create_house()
    await cast.ben.join(house)
    return house


@pytest.fixture
async def room(cast: Cast, house: str) -> str:
    return await cast.ada.create_room(house)


async def write(actor: Actor, room: str, *, typing: bool = True) -> None:
    await actor.do("setTyping", "until", roomId=room, typing=typing)


async def test_who_writes_is_told_to_the_others_for_seconds_and_kept_nowhere(
    server: Server, cast: Cast, house: str, room: str
) -> None:
    before = await cast.ada.ask(CURSOR, id=house)
    async with hearing(server, cast.ada, TYPING, id=room) as wire:
        await write(cast.ada, room)  # who writes isn't told so
        await write(cast.ben, room)
        await write(cast.ben, room, typing=False)
        began, stopped = await told(wire), await told(wire)
    assert [one["user"]["username"] for one in (began, stopped)] == ["ben", "ben"]
    assert [one["typing"] for one in (began, stopped)] == [True, False]
    left = datetime.fromisoformat(began["until"]) - datetime.now(UTC)
    assert timedelta(0) < left <= timedelta(seconds=6)
    assert await cast.ada.ask(CURSOR, id=house) == before
    async with hearing(server, cast.ada, TYPING, id=room) as later:
        await later.settled()  # nothing comes of what was told before


async def test_who_is_banned_hears_no_more_of_who_writes(
    server: Server, cast: Cast, house: str, room: str
) -> None:
    async with hearing(server, cast.ben, TYPING, id=room) as wire:
        await cast.ada.ban(cast.ben, house)
        await write(cast.ada, room)
        assert await refused(wire) == "FORBIDDEN"


async def test_who_is_there_is_told_first_and_then_who_comes_and_goes(
    server: Server, cast: Cast, house: str
) -> None:
    server.chat.presence.grace = 0
    # Cleo is there, but doesn't live there.
    async with wired(server, cast.cleo), hearing(server, cast.ada, PRESENCE, id=house) as wire:
        assert await told(wire) == {"user": {"username": "ada"}, "online": True}
        async with wired(server, cast.ben), wired(server, cast.ben):  # two devices are one person
            assert await told(wire) == {"user": {"username": "ben"}, "online": True}
        assert await told(wire) == {"user": {"username": "ben"}, "online": False}
        await wire.settled()


async def test_who_is_told_to_be_there_is_not_told_to_come(server: Server, cast: Cast, house: str) -> None:
    async with hearing(server, cast.ada, PRESENCE, id=house) as wire:
        assert (await told(wire))["user"] == {"username": "ada"}
        topic = PresenceIn(split_id(house, "id")[1])
        came = [Moved(split_id(actor.id, "id")[1], online=True) for actor in (cast.ada, cast.ben)]
        server.chat.hub.whispers.whisper_all((topic, one) for one in came)
        assert (await told(wire))["user"] == {"username": "ben"}


async def test_who_comes_back_within_the_grace_was_never_gone(server: Server, cast: Cast, house: str) -> None:
    async with hearing(server, cast.ada, PRESENCE, id=house) as wire:
        assert (await told(wire))["user"] == {"username": "ada"}
        for _ in range(3):
            async with wired(server, cast.ben):
                pass
            await until(lambda: server.app.state.live._connections.total() == 1)
        assert await told(wire) == {"user": {"username": "ben"}, "online": True}
        await until(lambda: not server.chat._telling)
        await wire.settled()


async def test_who_hides_that_they_are_there_is_not_told_of(server: Server, cast: Cast, house: str) -> None:
    server.chat.presence.grace = 0
    async with hearing(server, cast.ada, PRESENCE, id=house) as wire:
        assert (await told(wire))["user"] == {"username": "ada"}
        async with wired(server, cast.ben):
            assert await told(wire) == {"user": {"username": "ben"}, "online": True}
            await cast.ben.do("setPresence", "visible", visible=False)
            assert await told(wire) == {"user": {"username": "ben"}, "online": False}
        async with wired(server, cast.ben), hearing(server, cast.ada, PRESENCE, id=house) as other:
            assert (await told(other))["user"] == {"username": "ada"}
            await other.settled()
        await until(lambda: not server.chat._telling)
        await wire.settled()


async def test_who_joins_while_they_are_there_comes_and_who_leaves_or_is_put_out_goes(
    server: Server, cast: Cast, house: str
) -> None:
    cleo, there = {"username": "cleo"}, [True, False, True, False]
    async with wired(server, cast.cleo), hearing(server, cast.ada, PRESENCE, id=house) as wire:
        assert (await told(wire))["user"] == {"username": "ada"}
        await cast.ben.do("leaveHouse", "house { id }", houseId=house)  # he isn't there
        await cast.cleo.join(house)
        moves = [await told(wire)]
        await cast.cleo.do("leaveHouse", "house { id }", houseId=house)
        moves.append(await told(wire))
        await cast.cleo.join(house)
        moves.append(await told(wire))
        await cast.ada.ban(cast.cleo, house)
        moves.append(await told(wire))
        assert moves == [{"user": cleo, "online": online} for online in there]
        await wire.settled()


async def test_who_joins_and_hides_that_they_are_there_is_not_told_of(
    server: Server, cast: Cast, house: str
) -> None:
    await cast.cleo.do("setPresence", "visible", visible=False)
    async with wired(server, cast.cleo), hearing(server, cast.ada, PRESENCE, id=house) as wire:
        assert (await told(wire))["user"] == {"username": "ada"}
        await cast.cleo.join(house)
        await until(lambda: not server.chat._telling)
        await wire.settled()


async def test_what_happens_to_somebody_is_told_to_them_in_whichever_house(
    server: Server, cast: Cast, house: str
) -> None:
    elsewhere = await cast.cleo.create_house("Loom", "PRIVATE")
    async with hearing(server, cast.ben, VIEWER_EVENTS) as wire:
        await cast.ada.set_role(cast.ben, house)
        await cast.ben.accept((await cast.cleo.invite(elsewhere))[1])
        await cast.cleo.do("removeMember", "house { id }", houseId=elsewhere, userId=cast.ben.id)
        await cast.ada.ban(cast.ben, house)
        assert [await told(wire) for _ in range(5)] == [
            {"__typename": "RoleChanged", "houseId": house, "house": {"viewerRole": "MODERATOR"}},
            {"__typename": "HouseJoined", "houseId": elsewhere, "house": {"name": "Loom"}},
            {"__typename": "HouseLeft", "houseId": elsewhere},
            {"__typename": "HouseLeft", "houseId": house},
            {"__typename": "HouseBanned", "houseId": house},
        ]


async def test_talks_are_counted_for_each_room_and_told_at_a_bounded_rate(
    server: Server,
    cast: Cast,
    house: str,
    room: str,
    pulse_begun: asyncio.Event,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    attic, told_first = await cast.ada.create_room(house, "Attic"), asyncio.Event()

    async def pause(_: float) -> None:
        await told_first.wait()

    monkeypatch.setattr(pulses, "asyncio", Paused(pause))
    async with hearing(server, cast.ben, VIEWER_EVENTS) as wire:
        await pulse_begun.wait()
        for _ in range(2):  # what is known already keeps nobody from hearing of what comes next
            server.chat.hub.wake(split_id(house, "id")[1], 1)
            await cast.ada.ask(CURSOR, id=house)
        await cast.ada.post_talk(room)
        assert await told(wire) == new_talks(house, "Hall", 1)
        for _ in range(3):
            await cast.ada.post_talk(room)
        await cast.ada.post_talk(attic)
        await wire.settled()
        told_first.set()
        both = sorted([await told(wire), await told(wire)], key=lambda one: one["count"])
        assert both == [new_talks(house, "Attic", 1), new_talks(house, "Hall", 3)]
        await cast.ada.ban(cast.ben, house)
        await cast.ada.post_talk(room)
        kinds = [(await told(wire))["__typename"] for _ in range(2)]
        assert kinds == ["HouseLeft", "HouseBanned"]
        await wire.settled()


async def test_what_is_told_of_what_is_gone_is_null_and_no_error(
    server: Server, cast: Cast, house: str, room: str
) -> None:
    ben, (gone, gone_house) = cast.ben.id, (split_id(room, "id")[1], split_id(house, "id")[1])
    await cast.ada.do("deleteRoom", "roomId", roomId=room)
    async with hearing(server, cast.ben, VIEWER_EVENTS) as wire:
        topic = AboutUser(split_id(ben, "id")[1])
        server.chat.hub.whispers.whisper(topic, Said(gone_house, gone, 2))
        assert await told(wire) == new_talks(house, "", 2) | {"room": None}
        await cast.ada.do("updateHouse", "house { id }", houseId=house, visibility="PRIVATE")
        await cast.ada.do("removeMember", "house { id }", houseId=house, userId=ben)
        assert (await told(wire))["__typename"] == "HouseLeft"
        joined = Telling(gone_house, 1, Kind.MEMBER_CHANGED, split_id(ben, "id")[1])
        server.chat.hub.whispers.whisper(topic, joined)
        assert await told(wire) == {"__typename": "RoleChanged", "houseId": house, "house": None}


def new_talks(house: str, title: str, count: int) -> dict[str, Any]:
    return {"__typename": "NewTalks", "houseId": house, "room": {"title": title}, "count": count}


@pytest.mark.parametrize(("query", "about"), [(VIEWER_EVENTS, None), (PRESENCE, "house"), (TYPING, "room")])
async def test_who_signed_out_hears_no_more(
    server: Server, cast: Cast, house: str, room: str, query: str, about: str | None
) -> None:
    given = {} if about is None else {"id": {"house": house, "room": room}[about]}
    async with hearing(server, cast.ben, query, **given) as wire:
        await cast.ben.do("logout", "ok", refreshToken=cast.ben.refresh_token)
        assert (await wire.closed())[0] == 4401
