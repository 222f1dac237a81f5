"""Whoever may not listen any more is told nothing that happened after the answer that says so; the others are told all."""

import asyncio
import os
import statistics
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest

from chatgraph import lookout
from chatgraph.chat import Chat
from chatgraph.models import Visibility
from chatgraph.operations import accounts, members
from chatgraph.schema.ids import cursor, global_id
from tests.cast import Actor, Cast
from tests.conftest import SECRET, Server
from tests.databases import url_of
from tests.live.guests import Flow, Guest, Place, as_told, make_guests, make_place, read_journal, rounds
from tests.live.listeners import HOUSE, ROOM, End, Listener

LAST = {"MemberLeft", "RoomDeleted", "HouseDeleted"}
SOON = 1.0  # seconds until the stream of who lost the right has ended


@dataclass
class Found:
    """What came of it: how long streams went on after the answer, and what was told after it."""

    seconds: list[float] = field(default_factory=list)
    ends: set[tuple[str, str | int | None]] = field(default_factory=set)
    lasts: set[str | None] = field(default_factory=set)
    """What was told of how the right was lost, as the last thing."""
    later: int = 0
    """Told of what happened after the act."""
    late: int = 0
    """Told after the answer, of what happened before it, the last event aside."""

    def __str__(self) -> str:
        ordered = sorted(self.seconds)
        p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
        figures = f"p50 {statistics.median(ordered) * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms"
        return f"{len(ordered)} rounds: {figures}, later {self.later}, late {self.late}, {self.lasts}, {self.ends}"


class Scene(NamedTuple):
    """A house in which talks flow; its owner acts upon guests, and a member who stays listens all the time."""

    server: Server
    cast: Cast
    owner: Actor
    place: Place
    flow: Flow
    staying: Listener

    async def add_guest(self, *, joins: bool = True) -> Guest:
        """Make somebody new, who belongs to the house or is an outsider."""
        [guest] = await make_guests(self.server.chat, 1, f"g{len(self.staying.told)}x")
        if joins:
            async with self.server.chat.visit(guest.viewer) as visit:
                await visit.perform(members.admit, self.place.house, guest.viewer.known())
        return guest


Act = Callable[[Scene, Guest], Awaitable[Any]]


async def head(chat: Chat, place: Place) -> int:
    """Give how far the house's journal has come."""
    journal = await read_journal(chat, place.house)
    return journal[-1].seq


async def listen(scene: Scene, guest: Guest, document: str = HOUSE) -> Listener:
    """Let a guest listen, until something was told."""
    place = scene.place
    wanted = place.house_id if document is HOUSE else place.room_id
    begun = cursor(f"journal/{place.house}", await head(scene.server.chat, place) + 1)
    listener = Listener(scene.server.url, guest.token, wanted, begun, document)
    await listener.connect()
    await listener.until(lambda: bool(listener.told) or listener.end is not None)
    return listener


async def lose(scene: Scene, guest: Guest, act: Act, found: Found, document: str = HOUSE) -> None:
    """Let a guest listen until *act* takes the right from them, and note what they are told after its answer."""
    listener = await listen(scene, guest, document)
    await act(scene, guest)
    answered = asyncio.get_running_loop().time()
    acted = await head(scene.server.chat, scene.place)
    end: End = await listener.until_ended()
    # What the server would still tell arrives before what it tells somebody else later on.
    staying = scene.staying
    await staying.until(lambda: staying.told[-1].seq >= acted or staying.end is not None)
    await listener.drop()
    found.seconds.append(max(0, end.time - answered))
    found.ends.add((end.how, end.code))
    told = [one.kind for one in listener.told]
    found.lasts.add(told[-1] if told[-1] in LAST else None)
    assert not LAST & set(told[:-1])
    found.later += sum(one.time > answered and one.seq > acted for one in listener.told)
    before = [one for one in listener.told if one.seq <= acted and one.kind not in LAST]
    found.late += sum(one.time > answered for one in before)


async def ban(scene: Scene, guest: Guest) -> None:
    await scene.owner.ban(guest.over(scene.cast.http), scene.place.house_id)


async def remove(scene: Scene, guest: Guest) -> None:
    given = {"houseId": scene.place.house_id, "userId": guest.id}
    await scene.owner.do("removeMember", "house { id }", **given)


async def leave(scene: Scene, guest: Guest) -> None:
    actor = guest.over(scene.cast.http)
    await actor.do("leaveHouse", "house { id }", houseId=scene.place.house_id)


async def sign_out(scene: Scene, guest: Guest) -> None:
    await guest.over(scene.cast.http).do("logout", "ok", refreshToken=guest.refresh_token)


async def sign_out_everywhere(scene: Scene, guest: Guest) -> None:
    await guest.over(scene.cast.http).ask("mutation { logoutEverywhere { ended } }")


async def revoke_session(scene: Scene, guest: Guest) -> None:
    session = global_id("Session", guest.viewer.session_id or 0)
    await guest.over(scene.cast.http).do("revokeSession", "sessionId", sessionId=session)


async def make_private(scene: Scene, _: Guest) -> None:
    await scene.owner.do("updateHouse", "house { id }", houseId=scene.place.house_id, visibility="PRIVATE")


async def delete_room(scene: Scene, _: Guest) -> None:
    await scene.owner.do("deleteRoom", "roomId", roomId=scene.place.room_id)


async def delete_house(scene: Scene, _: Guest) -> None:
    await scene.owner.do("deleteHouse", "houseId", houseId=scene.place.house_id)


async def deactivate(scene: Scene, guest: Guest) -> None:
    """As the operator does it, in another process."""
    async with scene.server.chat.visit(guest.viewer) as visit:
        [user] = (await visit.ask(accounts.load_users, [guest.viewer.known()])).values()
    command = [sys.executable, "-m", "chatgraph", "user", "deactivate", user.username]
    process = await asyncio.create_subprocess_exec(
        *command,
        "--database",
        url_of(scene.server.chat.database),
        env={**os.environ, "CHATGRAPH_SECRET_KEY": SECRET},
        stdout=asyncio.subprocess.DEVNULL,
    )
    assert await process.wait() == 0


@pytest.fixture(params=[Visibility.PRIVATE], ids=["private"])
async def scene(request: pytest.FixtureRequest, server: Server, cast: Cast) -> AsyncIterator[Scene]:
    owner, stays, *authors = await make_guests(server.chat, 6, "author")
    viewers = [guest.viewer for guest in (stays, *authors)]
    place = await make_place(server.chat, owner.viewer, viewers, request.param)
    staying = Listener(server.url, stays.token, place.house_id)
    flow = Flow(server.chat, place, viewers[1:], rate=200)
    async with staying, flow:
        # From where it begins, it begins again: now that the cursor is known, nothing can be missed.
        await staying.until(lambda: bool(staying.told))
        yield Scene(server, cast, owner.over(cast.http), place, flow, staying)


async def expect_the_others_told_everything(scene: Scene) -> None:
    journal = await read_journal(scene.server.chat, scene.place.house)
    expected = as_told(journal[scene.staying.told[0].seq - 1 :])
    await scene.staying.until_seq(expected[-1][0])
    told = [(one.seq, one.kind) for one in scene.staying.told]
    assert told[: len(expected)] == [(seq, kind) for seq, kind, _ in expected]
    assert scene.staying.end is None


LEFT, SIGNED_OUT = ("MemberLeft", ("error", "NOT_FOUND")), (None, ("close", 4401))
LOST: dict[str, tuple[Act, int, tuple[str | None, tuple[str, str | int]]]] = {
    "a ban": (ban, 20, LEFT),
    "a removal": (remove, 2, LEFT),
    "leaving": (leave, 2, LEFT),
    "signing out": (sign_out, 20, SIGNED_OUT),
    "signing out everywhere": (sign_out_everywhere, 2, SIGNED_OUT),
    "a revoked session": (revoke_session, 2, SIGNED_OUT),
}


@pytest.mark.parametrize("how", LOST)
async def test_nothing_is_told_after_the_answer_that_took_the_right(scene: Scene, how: str) -> None:
    act, usual, (last, end) = LOST[how]
    found = Found()
    for _ in range(rounds("LOSSES", usual) if usual > 2 else usual):
        await lose(scene, await scene.add_guest(), act, found)
    print(how, found, f"{scene.flow.per_second:.0f} changes/s")
    assert (found.later, found.lasts, found.ends) == (0, {last}, {end})
    assert statistics.median(found.seconds) < SOON
    await expect_the_others_told_everything(scene)


async def test_who_is_deactivated_by_another_process_is_told_nothing_any_more(scene: Scene) -> None:
    chat, seconds, told = scene.server.chat, [], 0
    for _ in range(rounds("DEACTIVATIONS", 1)):
        guest = await scene.add_guest()
        listener = await listen(scene, guest)
        await deactivate(scene, guest)
        end = await listener.until_ended()
        ended = datetime.now(UTC) - timedelta(seconds=asyncio.get_running_loop().time() - end.time)
        await listener.drop()
        async with chat.visit(scene.flow.authors[0]) as visit:
            [user] = (await visit.ask(accounts.load_users, [guest.viewer.known()])).values()
        assert (end.how, end.code) == ("close", 4401)
        assert user.deactivate_time is not None
        seconds.append((ended - user.deactivate_time).total_seconds())
        happened = {one.seq: one.time for one in await read_journal(chat, scene.place.house)}
        told += sum(happened[seq] > user.deactivate_time for seq in listener.seqs)
    print(f"deactivated elsewhere: ended after {seconds} s, {told} events told of what happened meanwhile")
    assert statistics.median(seconds) < lookout.AT_LEAST_SECONDS  # since before its commit
    await expect_the_others_told_everything(scene)


@pytest.mark.parametrize("scene", [Visibility.PUBLIC], indirect=True, ids=["public"])
async def test_outsiders_are_told_nothing_more_once_a_house_is_private(scene: Scene) -> None:
    found = Found()
    await lose(scene, await scene.add_guest(joins=False), make_private, found)
    print("made private", found)
    assert (found.later, found.lasts, found.ends) == (0, {None}, {("error", "NOT_FOUND")})
    await expect_the_others_told_everything(scene)


@pytest.mark.parametrize("scene", [Visibility.PUBLIC], indirect=True, ids=["public"])
async def test_who_is_banned_from_a_public_house_is_told_that_they_may_not(scene: Scene) -> None:
    found = Found()
    await lose(scene, await scene.add_guest(), ban, found)
    assert (found.later, found.lasts, found.ends) == (0, {"MemberLeft"}, {("error", "FORBIDDEN")})


@pytest.mark.parametrize("scene", [Visibility.PUBLIC], indirect=True, ids=["public"])
async def test_an_outsider_who_is_banned_is_told_that_they_may_not_and_no_more(scene: Scene) -> None:
    found = Found()
    await lose(scene, await scene.add_guest(joins=False), ban, found)
    assert (found.later, found.lasts, found.ends) == (0, {None}, {("error", "FORBIDDEN")})


@pytest.mark.parametrize(
    ("act", "document", "last"),
    [
        (delete_room, ROOM, "RoomDeleted"),
        (delete_house, HOUSE, "HouseDeleted"),
        (delete_house, ROOM, "HouseDeleted"),
        (remove, ROOM, "MemberLeft"),
    ],
)
async def test_a_stream_ends_with_what_ended_it(scene: Scene, act: Act, document: str, last: str) -> None:
    found = Found()
    await lose(scene, await scene.add_guest(), act, found, document)
    print(act.__name__, found)
    assert (found.later, found.lasts, found.ends) == (0, {last}, {("error", "NOT_FOUND")})


async def test_who_stays_in_a_house_that_is_renamed_goes_on_without_a_gap(scene: Scene) -> None:
    for number in range(5):
        await scene.owner.do(
            "updateHouse", "house { id }", houseId=scene.place.house_id, name=f"Engine {number}"
        )
    await expect_the_others_told_everything(scene)
    assert [one.kind for one in scene.staying.told].count("HouseUpdated") == 5
