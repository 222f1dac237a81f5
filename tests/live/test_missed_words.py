"""What nobody told of ends rights as well: whoever hears of a house is asked again once its journal shows it."""

import asyncio
from typing import Any

import pytest

from chatgraph import lookout
from chatgraph.chat import Visit
from chatgraph.errors import Forbidden
from chatgraph.events.whispers import Said, TalksIn
from chatgraph.operations import members, moderation
from chatgraph.schema.ids import global_id
from chatgraph.schema.live.hearing import Hearer
from tests.conftest import Server
from tests.live.guests import Guest, Place, make_place, say
from tests.live.test_hearing import PRESENCE, TYPING, crowd, hear, whisper_typing
from tests.live.test_whispers import VIEWER_EVENTS
from tests.live.wires import PATIENCE, until
from tests.schema.crowd import act

Sent = list[dict[str, Any]]


async def ban_untold(server: Server, place: Place, guest: Guest, owner: Guest) -> None:
    """Ban somebody as where the outcome of the commit, or the word of it, is lost: nobody is told."""
    await server.chat.database.write(
        lambda db: act(db, owner.viewer, moderation.ban_user, place.house, guest.viewer.known())
    )


async def begin(
    server: Server, guest: Guest, query: str, about: str
) -> tuple[Hearer, asyncio.Task[bool], Sent]:
    """Let a guest hear, until all there is to know of their house is known and nobody is in doubt."""
    told: Sent = []

    async def send(one: dict[str, Any]) -> None:
        told.append(one)

    hearer = await hear(server, guest, query, about, send)
    going_on = asyncio.create_task(hearer.go_on())
    await settled(server, hearer)
    return hearer, going_on, told


async def settled(server: Server, *hearers: Hearer) -> None:
    hub, look_out = server.chat.hub, server.chat.look_out
    await until(lambda: hub.houses and hub.knows_all and not look_out._untold)
    await until(lambda: not any(hearer._doubted or hearer._telling for hearer in hearers))


@pytest.mark.parametrize(("query", "kind"), [(TYPING, "Room"), (PRESENCE, "House")])
async def test_who_is_banned_untold_soon_hears_no_more(
    server: Server, looks: list[bool], query: str, kind: str
) -> None:
    [owner, guest, other], place = await crowd(server, 3)
    about = global_id(kind, {"Room": place.room, "House": place.house}[kind])
    _, going_on, told = await begin(server, guest, query, about)
    await ban_untold(server, place, guest, owner)
    looks.clear()
    with pytest.raises(Forbidden):
        async with asyncio.timeout(PATIENCE):
            await going_on
    assert len(looks) <= 3  # one may have begun before, and one begin while the right is asked
    whisper_typing(server, [other], place)
    assert not told


async def test_what_is_told_after_what_was_not_does_not_hide_it(server: Server) -> None:
    [owner, guest, other], place = await crowd(server, 3)
    _, going_on, _ = await begin(server, guest, TYPING, place.room_id)
    await ban_untold(server, place, guest, owner)
    await say(server.chat, other.viewer, place.room)
    with pytest.raises(Forbidden):
        async with asyncio.timeout(PATIENCE):
            await going_on


async def test_who_is_banned_untold_is_not_told_any_more_how_much_is_said(server: Server) -> None:
    [owner, guest], place = await crowd(server, 2)
    hearer, going_on, told = await begin(server, guest, VIEWER_EVENTS, "")
    assert hearer._houses == {place.house}
    said = Said(place.house, place.room, 1)
    server.chat.hub.whispers.whisper(TalksIn(place.house), said)
    await until(lambda: told)
    await ban_untold(server, place, guest, owner)
    server.chat.hub.whispers.whisper(TalksIn(place.house), said)
    server.chat.hub.miss(place.house, 0)  # before that is sent
    await until(lambda: not (hearer._houses or hearer._doubted))
    assert not server.app.state.live.pulses._tasks
    assert len(told) == 1
    hearer.stop()
    await going_on


async def test_a_journal_shows_it_to_who_hears_of_all_their_houses(server: Server) -> None:
    [owner, guest], place = await crowd(server, 2)
    hearer, going_on, _ = await begin(server, guest, VIEWER_EVENTS, "")
    await ban_untold(server, place, guest, owner)
    await until(lambda: not hearer._houses)
    hearer.stop()
    await going_on


async def test_who_joins_while_their_houses_are_read_hears_of_that_house(server: Server) -> None:
    [_, guest, founder], place = await crowd(server, 3)
    elsewhere = await make_place(server.chat, founder.viewer)
    hearer, going_on, _ = await begin(server, guest, VIEWER_EVENTS, "")
    read = hearer._murmur.ask

    async def ask(visit: Visit) -> Any:
        hearer._murmur.ask = read
        found = await read(visit)
        async with server.chat.visit(guest.viewer) as other:
            await other.perform(members.join_house, elsewhere.house)
        return found

    hearer._murmur.ask = ask
    hearer.doubt()
    await until(lambda: elsewhere.house in hearer._houses)
    await settled(server, hearer)
    assert hearer._houses == {place.house, elsewhere.house}
    hearer.stop()
    await going_on


async def test_nobody_is_asked_again_for_what_was_told(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    [owner, guest], place = await crowd(server, 2)
    hearer, going_on, _ = await begin(server, guest, TYPING, place.room_id)
    looks, asked, read_heads, read = 0, 0, lookout.read_heads, hearer._murmur.ask

    async def look(*given: Any) -> Any:
        nonlocal looks
        looks += 1
        return await read_heads(*given)

    async def ask(visit: Visit) -> Any:
        nonlocal asked
        asked += 1
        return await read(visit)

    monkeypatch.setattr(lookout, "read_heads", look)
    hearer._murmur.ask = ask
    for _ in range(3):
        await say(server.chat, owner.viewer, place.room)
        before = looks
        server.chat.look_out.look_now()
        await until(lambda seen=before: looks > seen)
    await settled(server, hearer)
    assert asked == 0
    hearer.stop()
    await going_on


async def test_a_look_that_failed_as_nobody_foresaw_is_not_the_last(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    [owner, guest], place = await crowd(server, 2)
    _, going_on, _ = await begin(server, guest, TYPING, place.room_id)
    read_heads, failed = lookout.read_heads, asyncio.Event()

    async def fail_once(*given: Any) -> Any:
        if not failed.is_set():
            failed.set()
            raise KeyError("nobody foresaw it")
        return await read_heads(*given)

    monkeypatch.setattr(lookout, "read_heads", fail_once)
    server.chat.look_out.look_now()
    await ban_untold(server, place, guest, owner)
    with pytest.raises(Forbidden):
        async with asyncio.timeout(PATIENCE):
            await going_on
    assert failed.is_set()
