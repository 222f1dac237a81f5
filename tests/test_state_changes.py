"""Each change of state between two identical reads: the second one differs as it must, as soon as it was acknowledged."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import NamedTuple

import pytest
import pytest_asyncio

from chatgraph.operations import accounts
from tests.cast import Actor, Cast
from tests.conftest import Server
from tests.databases import Empty
from tests.looks import (
    BANNED,
    GUEST,
    HIDDEN,
    MEMBER,
    MODERATOR,
    NOBODY,
    Look,
    Looker,
    World,
    archived,
    but,
    make_world,
    private,
    removed,
)
from tests.schema.standing import standing_server

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def standing(empty_database: Empty, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """A server that stands for all of these tests."""
    async with standing_server(empty_database, tmp_path_factory.mktemp("standing")) as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ada(standing: Server) -> AsyncIterator[Actor]:
    """Who owns the houses, and does what others see change."""
    async with Cast(standing.url) as cast:
        await cast.ada.register()
        await cast.ada.sign_in()
        yield cast.ada


@pytest_asyncio.fixture(loop_scope="module")
async def dora(standing: Server) -> AsyncIterator[Looker]:
    """Who looks before and after."""
    looker = Looker(standing.url, f"dora{secrets.token_hex(4)}")
    await looker.register()
    await looker.sign_in()
    yield looker
    await looker.http.aclose()


Step = Callable[[Actor, Looker, World], Awaitable[object]]


async def nothing(_ada: Actor, _dora: Looker, _world: World) -> None:
    """Leave Dora the stranger that she is."""


async def enter(ada: Actor, dora: Looker, world: World) -> None:
    """Become a member, of a private house by an invite."""
    _, code = await ada.invite(world.house)
    await dora.accept(code)


async def rise(ada: Actor, dora: Looker, world: World) -> None:
    """Become a moderator."""
    await enter(ada, dora, world)
    await promote(ada, dora, world)


async def ban(ada: Actor, dora: Looker, world: World) -> None:
    await ada.ban(dora, world.house)


def update(**changed: str) -> Step:
    return lambda ada, _, world: ada.do("updateHouse", "house { id }", houseId=world.house, **changed)


def to_dora(mutation: str) -> Step:
    """Let Ada do something to Dora in the house."""
    return lambda ada, dora, world: ada.do(mutation, "house { id }", houseId=world.house, userId=dora.id)


def join(_: Actor, dora: Looker, world: World) -> Awaitable[object]:
    return dora.join(world.house)


def leave(_: Actor, dora: Looker, world: World) -> Awaitable[object]:
    return dora.do("leaveHouse", "house { id }", houseId=world.house)


def promote(ada: Actor, dora: Looker, world: World) -> Awaitable[object]:
    return ada.set_role(dora, world.house)


def lower(ada: Actor, dora: Looker, world: World) -> Awaitable[object]:
    return ada.set_role(dora, world.house, "MEMBER")


def archive(ada: Actor, _: Looker, world: World) -> Awaitable[object]:
    return ada.do("archiveRoom", "room { id }", roomId=world.room)


def remove_talk(ada: Actor, _: Looker, world: World) -> Awaitable[object]:
    return ada.do("removeTalk", "talk { id }", talkId=world.talk)


class Change(NamedTuple):
    """What Dora sees *before* and *after* a change of a house, in which she was *prepared* for it."""

    visibility: str
    prepared: Step
    change: Step
    before: Look
    after: Look


CHANGES = {
    "join": Change("PUBLIC", nothing, join, GUEST, MEMBER),
    "join a private one by an invite": Change("PRIVATE", nothing, enter, HIDDEN, private(MEMBER)),
    "leave": Change("PUBLIC", enter, leave, MEMBER, GUEST),
    "leave a private one": Change("PRIVATE", enter, leave, private(MEMBER), HIDDEN),
    "remove": Change("PUBLIC", enter, to_dora("removeMember"), MEMBER, GUEST),
    "remove from a private one": Change("PRIVATE", enter, to_dora("removeMember"), private(MEMBER), HIDDEN),
    "ban a member": Change("PUBLIC", enter, ban, MEMBER, BANNED),
    "ban a stranger": Change("PUBLIC", nothing, ban, GUEST, BANNED),
    "ban from a private one": Change("PRIVATE", enter, ban, private(MEMBER), HIDDEN),
    "unban": Change("PUBLIC", ban, to_dora("unbanUser"), BANNED, GUEST),
    "unban from a private one": Change("PRIVATE", ban, to_dora("unbanUser"), HIDDEN, HIDDEN),
    "role up": Change("PUBLIC", enter, promote, MEMBER, MODERATOR),
    "role up in a private one": Change("PRIVATE", enter, promote, private(MEMBER), private(MODERATOR)),
    "role down": Change("PUBLIC", rise, lower, MODERATOR, MEMBER),
    "role down in a private one": Change("PRIVATE", rise, lower, private(MODERATOR), private(MEMBER)),
    "public to private": Change("PUBLIC", nothing, update(visibility="PRIVATE"), GUEST, HIDDEN),
    "public to private, for a member": Change(
        "PUBLIC", enter, update(visibility="PRIVATE"), MEMBER, private(MEMBER)
    ),
    "public to private, for a banned one": Change(
        "PUBLIC", ban, update(visibility="PRIVATE"), BANNED, HIDDEN
    ),
    "private to public": Change("PRIVATE", nothing, update(visibility="PUBLIC"), HIDDEN, GUEST),
    "archive": Change("PUBLIC", nothing, archive, GUEST, archived(GUEST)),
    "archive, for a moderator": Change(
        "PRIVATE", rise, archive, private(MODERATOR), archived(private(MODERATOR))
    ),
    "talk removed": Change("PUBLIC", nothing, remove_talk, GUEST, removed(GUEST)),
    "talk removed, for a moderator": Change(
        "PRIVATE", rise, remove_talk, private(MODERATOR), removed(private(MODERATOR))
    ),
}


@pytest.mark.parametrize("name", CHANGES)
async def test_a_change_is_seen_by_the_next_read(ada: Actor, dora: Looker, name: str) -> None:
    visibility, prepared, change, before, after = CHANGES[name]
    world, twin = await make_world(ada, visibility), await make_world(ada, visibility)
    for each in (world, twin):
        await prepared(ada, dora, each)
    token = dora.token
    assert (
        await dora.look(world) | await dora.speak(twin) == before
    )  # speaking joins, so it is done elsewhere
    await change(ada, dora, world)
    assert await dora.look(world) | await dora.speak(world) == after
    assert (dora.token, len(dora.ports)) == (token, 1)


@pytest.mark.parametrize("visibility", ["PUBLIC", "PRIVATE"])
async def test_who_is_deactivated_is_nobody_from_then_on(
    standing: Server, ada: Actor, dora: Looker, visibility: str
) -> None:
    world = await make_world(ada, visibility)
    await enter(ada, dora, world)
    seen = MEMBER if visibility == "PUBLIC" else private(MEMBER)
    assert await dora.look(world) | await dora.speak(world) == seen
    async with standing.chat.visit() as visit:
        await visit.perform(accounts.deactivate, dora.username)
    assert await dora.look(world) | await dora.speak(world) == NOBODY
    assert len(dora.ports) == 1
    async with standing.chat.visit() as visit:
        await visit.perform(accounts.reactivate, dora.username)
    assert await dora.look(world) | await dora.speak(world) == NOBODY  # that session has ended
    await dora.sign_in()
    assert await dora.look(world) | await dora.speak(world) == seen


async def test_the_others_see_the_count_of_members_follow_every_change(ada: Actor, dora: Looker) -> None:
    for visibility in ("PUBLIC", "PRIVATE"):
        world = await make_world(ada, visibility)
        counts = []
        steps: list[Step] = [
            enter,
            leave,
            enter,
            to_dora("removeMember"),
            enter,
            ban,
            to_dora("unbanUser"),
            enter,
        ]
        for step in steps:
            await step(ada, dora, world)
            found = await ada.ask(
                f'{{ house(id: "{world.house}") {{ memberCount members {{ nodes {{ id }} }} }} }}'
            )
            counts.append(found["house"]["memberCount"])
            assert counts[-1] == len(found["house"]["members"]["nodes"])
        assert counts == [2, 1, 2, 1, 2, 1, 1, 2]


async def test_the_looks_tell_states_apart() -> None:
    looks = [
        GUEST,
        MEMBER,
        MODERATOR,
        BANNED,
        HIDDEN,
        NOBODY,
        archived(GUEST),
        removed(GUEST),
        private(MEMBER),
    ]
    assert all(list(look) and set(look) == set(GUEST) for look in looks)
    assert all(one != other for n, one in enumerate(looks) for other in looks[:n])
    assert but(GUEST, talk={"content": None})["talk"]["viewerCan"] == GUEST["talk"]["viewerCan"]
