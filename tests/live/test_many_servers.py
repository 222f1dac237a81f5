"""Servers on one database are one server to who posts on one and listens at another."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import NamedTuple

import httpx
import pytest

from chatgraph.chat import Chat
from chatgraph.events.kinds import Kind
from chatgraph.schema.ids import split_id
from chatgraph.settings import Settings
from tests.cast import Actor, Cast, Refused
from tests.conftest import Server, running
from tests.live.guests import as_told, make_guests, make_place, read_journal
from tests.live.listeners import HOUSE, Listener, until
from tests.live.test_whispers import PRESENCE, TYPING, VIEWER_EVENTS, hearing, refused, told, write
from tests.live.wires import wired

pytestmark = pytest.mark.postgresql


class Two(NamedTuple):
    """Two servers, and who speaks with the first: Ada's house, where Ben lives, and its room."""

    first: Server
    second: Server
    cast: Cast
    house: str
    room: str

    def at_second(self, actor: Actor, http: httpx.AsyncClient) -> Actor:
        """Give an actor as they call the second server."""
        same = Actor(http, actor.username)
        same.id, same.token, same.refresh_token = actor.id, actor.token, actor.refresh_token
        return same


async def hears_others(chat: Chat) -> None:
    await until(lambda: chat.channel.works)


@pytest.fixture
async def two(make_settings: Callable[..., Settings]) -> AsyncIterator[Two]:
    async with running(make_settings()) as first, running(make_settings()) as second:
        await asyncio.gather(hears_others(first.chat), hears_others(second.chat))
        async with Cast(first.url) as cast:
            await cast.enter()
            house = await cast.ada.create_house()
            await cast.ben.join(house)
            yield Two(first, second, cast, house, await cast.ada.create_room(house))


@pytest.fixture
async def other(two: Two) -> AsyncIterator[httpx.AsyncClient]:
    """Who calls the second server."""
    async with httpx.AsyncClient(base_url=two.second.url, timeout=30) as http:
        yield http


async def begin(two: Two, actor: Actor) -> Listener:
    """Let somebody listen at the second server to what comes."""
    read = await actor.ask("query ($id: ID!) { house(id: $id) { cursor } }", id=two.house)
    listener = Listener(two.second.url, actor.token, two.house, read["house"]["cursor"])
    await listener.connect()
    feeds = two.second.app.state.live.feeds
    await until(lambda: any(feed.followers for feed in feeds.values()))
    return listener


async def test_what_is_posted_at_one_is_told_at_the_other_at_once(
    two: Two, nobody_looks: Callable[[], None]
) -> None:
    listener = await begin(two, two.cast.ben)
    nobody_looks()
    for number in range(20):
        await two.cast.ada.post_talk(two.room, str(number))
        await listener.until(lambda n=number: len(listener.told) > n)
    assert [one.data["talk"]["content"] for one in listener.told] == [str(n) for n in range(20)]
    await listener.drop()


async def test_a_cursor_of_one_is_good_at_the_other(two: Two) -> None:
    listener = await begin(two, two.cast.ben)
    for number in range(20):
        await two.cast.ada.post_talk(two.room, str(number))
        if number % 5 == 4:
            listener.turn_to((two.first, two.second)[number % 2].url, two.cast.ben.token)
            await listener.resume()
    await listener.until(lambda: len(listener.told) == 20)
    assert [one.data["talk"]["content"] for one in listener.told] == [str(n) for n in range(20)]
    await listener.drop()


async def test_a_ban_at_one_ends_what_is_told_at_the_other_at_once(
    two: Two, nobody_looks: Callable[[], None]
) -> None:
    listener = await begin(two, two.cast.ben)
    nobody_looks()
    await two.cast.ada.ban(two.cast.ben, two.house)
    await two.cast.ada.post_talk(two.room, "Is he gone?")
    end = await listener.until_ended()
    assert (end.how, end.code) == ("error", "FORBIDDEN")
    assert "TalkPosted" not in [one.kind for one in listener.told]
    await listener.drop()


async def test_who_signs_out_at_one_is_refused_at_the_other_and_hears_no_more(
    two: Two, other: httpx.AsyncClient, nobody_looks: Callable[[], None]
) -> None:
    listener = await begin(two, two.cast.ben)
    nobody_looks()
    await two.cast.ben.do("logout", "ok", refreshToken=two.cast.ben.refresh_token)
    with pytest.raises(Refused, match="UNAUTHENTICATED"):
        await two.at_second(two.cast.ben, other).ask("{ houses { nodes { id } } }")
    end = await listener.until_ended()
    assert (end.how, end.code) == ("close", 4401)
    await listener.drop()


async def test_what_one_could_not_say_is_found_by_looking(two: Two) -> None:
    listener = await begin(two, two.cast.ben)
    two.first.chat.bridge.lead(lambda _: None)  # all that it says is lost
    await two.cast.ada.post_talk(two.room)
    await listener.until(lambda: len(listener.told) == 1)
    await two.cast.ben.do("logout", "ok", refreshToken=two.cast.ben.refresh_token)
    assert (await listener.until_ended()).code == 4401
    await listener.drop()


async def test_who_is_banned_at_one_that_could_not_say_so_hears_no_more_at_the_other(two: Two) -> None:
    async with (
        hearing(two.second, two.cast.ben, TYPING, id=two.room) as typing,
        hearing(two.second, two.cast.ben, VIEWER_EVENTS) as mine,
    ):
        hub = two.second.chat.hub
        await until(lambda: bool(hub.houses) and hub.knows_all)
        two.first.chat.bridge.lead(lambda _: None)  # all that it says is lost
        await two.cast.ada.ban(two.cast.ben, two.house)
        assert await refused(typing) == "FORBIDDEN"
        await until(lambda: not two.second.app.state.live.pulses._tasks)
        await mine.settled()


async def test_who_joins_or_leaves_at_one_is_told_to_be_there_or_gone_at_the_other(two: Two) -> None:
    async with (
        wired(two.first, two.cast.cleo),
        hearing(two.second, two.cast.ada, PRESENCE, id=two.house) as wire,
    ):
        assert (await told(wire))["user"] == {"username": "ada"}
        await until(lambda: two.second.chat.presence.is_online(split_id(two.cast.cleo.id, "id")[1]))
        await two.cast.cleo.join(two.house)
        assert await told(wire) == {"user": {"username": "cleo"}, "online": True}
        await two.cast.cleo.do("leaveHouse", "house { id }", houseId=two.house)
        assert await told(wire) == {"user": {"username": "cleo"}, "online": False}


async def test_who_writes_and_who_is_there_is_told_at_the_other(two: Two, other: httpx.AsyncClient) -> None:
    for server in (two.first, two.second):
        server.chat.presence.grace = 0
    ada, ben = two.cast.ada, two.cast.ben
    async with hearing(two.second, ada, PRESENCE, id=two.house) as wire:
        assert (await told(wire))["user"] == {"username": "ada"}
        async with wired(two.first, ben):
            assert await told(wire) == {"user": {"username": "ben"}, "online": True}
            async with wired(two.second, ben):
                pass  # he is still at the first
            await until(lambda: not two.second.chat._telling)
        assert await told(wire) == {"user": {"username": "ben"}, "online": False}
    async with hearing(two.second, ada, TYPING, id=two.room) as wire:
        await write(ben, two.room)
        assert (await told(wire))["user"] == {"username": "ben"}


async def test_who_comes_late_to_a_server_learns_who_is_at_the_others(
    two: Two, make_settings: Callable[..., Settings]
) -> None:
    async with wired(two.first, two.cast.ben), running(make_settings()) as third:
        ben = split_id(two.cast.ben.id, "id")[1]
        await until(lambda: third.chat.presence.is_online(ben))
        assert not third.chat.presence.online_here


async def test_who_was_at_a_server_that_is_gone_is_there_no_more(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    ben = split_id(two.cast.ben.id, "id")[1]
    async with wired(two.first, two.cast.ben):
        await until(lambda: two.second.chat.presence.is_online(ben))
        monkeypatch.setattr("chatgraph.events.bridge.SILENT_SECONDS", 0)
        two.second.chat.bridge.hear(two.first.chat.channel._server, [])  # the last that it says
        await until(lambda: not two.second.chat.presence.is_online(ben))


async def test_words_of_a_newer_version_are_passed_over(two: Two) -> None:
    ben = split_id(two.cast.ben.id, "id")[1]
    words = ["z1", "e1:2:999:3", "e1:2", "tmany", f"+{ben}"]
    two.second.chat.bridge.hear("newer", words)
    assert two.second.chat.presence.is_online(ben)


async def test_what_happens_to_somebody_at_one_is_told_to_them_at_the_other(
    two: Two, pulse_begun: asyncio.Event
) -> None:
    async with hearing(two.second, two.cast.ben, VIEWER_EVENTS) as wire:
        await two.cast.ada.set_role(two.cast.ben, two.house)
        assert (await told(wire))["__typename"] == "RoleChanged"
        await pulse_begun.wait()
        await two.cast.ada.post_talk(two.room)
        assert (await told(wire))["__typename"] == "NewTalks"


async def test_of_many_who_write_in_one_house_on_three_servers_no_seq_is_lost_and_a_follower_skips_none(
    two: Two, make_settings: Callable[..., Settings]
) -> None:
    each, writers = 5, 64
    async with AsyncExitStack() as opened:
        third = await opened.enter_async_context(running(make_settings()))
        servers = [two.first, two.second, third]
        owner, follower, *guests = await make_guests(two.first.chat, writers + 2)
        place = await make_place(two.first.chat, owner.viewer, [one.viewer for one in (follower, *guests)])
        before = await read_journal(two.first.chat, place.house)
        listener = Listener(third.url, follower.token, place.house_id, None, HOUSE)
        await opened.enter_async_context(listener)
        feeds = third.app.state.live.feeds
        await until(lambda: any(feed.followers for feed in feeds.values()))

        async def post(number: int) -> None:
            url = servers[number % 3].url
            async with httpx.AsyncClient(base_url=url, timeout=30) as http:
                for turn in range(each):
                    await guests[number].over(http).post_talk(place.room_id, f"{number}.{turn}")

        await asyncio.gather(*(post(number) for number in range(writers)))
        journal = (await read_journal(two.first.chat, place.house))[len(before) :]
        assert [one.seq for one in journal] == list(range(len(before) + 1, len(before) + each * writers + 1))
        assert {one.kind for one in journal} == {Kind.TALK_POSTED}
        await listener.until_seq(journal[-1].seq)
        got = [(one.seq, one.kind, one.data["talk"]["databaseId"]) for one in listener.told]
        assert got == as_told(journal)
        assert [one.data["talk"]["seq"] for one in listener.told] == list(range(1, each * writers + 1))
