"""What bans, mutes and deactivation do at both doors."""

import secrets
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from chatgraph.operations import accounts
from tests.cast import PASSWORD, Actor, Cast
from tests.conftest import Server
from tests.databases import Empty
from tests.doors import DOORS, Door, Turned, turned
from tests.schema.nodes import database_id
from tests.schema.standing import standing_server

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def standing(empty_database: Empty, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """A server that stands for all of these tests."""
    async with standing_server(empty_database, tmp_path_factory.mktemp("standing")) as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cast(standing: Server) -> AsyncIterator[Cast]:
    """Ada, Ben and Cleo, who stay for all of these tests."""
    async with Cast(standing.url) as cast:
        await cast.enter()
        yield cast


@pytest.fixture(params=DOORS)
def door(request: pytest.FixtureRequest, cast: Cast) -> Door:
    """Each door in turn."""
    return DOORS[request.param](cast.http)


async def room_ids(actor: Actor, house: str) -> list[str]:
    """Give the ids of a house's rooms, newest first."""
    found = await actor.ask(f'{{ rooms(houseId: "{house}") {{ nodes {{ id }} }} }}')
    return [node["id"] for node in found["rooms"]["nodes"]]


async def test_of_a_public_house_the_banned_are_told_the_name_alone(door: Door, cast: Cast) -> None:
    name = secrets.token_hex(4)
    house = await cast.ada.create_house(name)
    key = await database_id(cast.ada, house)
    room = (await door.create_room(cast.ada.token, key, name)).id
    dora = await cast.newcomer()
    await dora.post_talk((await room_ids(cast.ada, house))[0], name)
    await cast.ada.ban(dora, house)
    assert (key, name) in await door.houses(dora.token)
    assert name not in [one.title for one in await door.rooms(dora.token)]
    assert name not in [one.content for one in await door.talks(dora.token)]
    with turned(door, "FORBIDDEN"):
        await door.rooms(dora.token, key)
    with turned(door, "FORBIDDEN"):
        await door.talks(dora.token, room)
    with turned(door, "FORBIDDEN"):
        await door.create_room(dora.token, key, "Hall")
    await cast.ada.do("unbanUser", "house { id }", houseId=house, userId=dora.id)
    assert [one.title for one in await door.rooms(dora.token, key)] == [name]
    assert [one.content for one in await door.talks(dora.token, room)] == [name]


async def test_from_a_private_house_the_banned_are_told_nothing(door: Door, cast: Cast) -> None:
    house = await cast.ada.create_house("Attic", "PRIVATE")
    key = await database_id(cast.ada, house)
    room = (await door.create_room(cast.ada.token, key, "Hall")).id
    dora = await cast.newcomer()
    await dora.accept((await cast.ada.invite(house))[1])
    assert await door.talks(dora.token, room) == []
    await cast.ada.ban(dora, house)
    assert key not in [one.id for one in await door.houses(dora.token)]
    with turned(door, "NOT_FOUND"):
        await door.rooms(dora.token, key)
    with turned(door, "NOT_FOUND"):
        await door.talks(dora.token, room)
    with turned(door, "NOT_FOUND"):
        await door.create_room(dora.token, key, "Hall")


async def test_who_is_muted_opens_no_room_and_reads_on(door: Door, cast: Cast) -> None:
    house = await cast.ada.create_house()
    key = await database_id(cast.ada, house)
    dora = await cast.newcomer()
    room = (await door.create_room(dora.token, key, "Hall")).id
    await cast.ada.mute(dora, house)
    with turned(door, "FORBIDDEN"):
        await door.create_room(dora.token, key, "Hall")
    assert [one.id for one in await door.rooms(dora.token, key)] == [room]


async def test_who_is_deactivated_is_signed_out_and_can_not_sign_in(
    door: Door, cast: Cast, standing: Server
) -> None:
    dora = await cast.newcomer()
    tokens = await door.login(dora.username, PASSWORD)
    async with standing.chat.visit() as visit:
        await visit.perform(accounts.deactivate, dora.username)
    for call in (
        lambda: door.houses(tokens.access),
        lambda: door.houses(dora.token),
        lambda: door.refresh(tokens.refresh),
        lambda: door.login(dora.username, PASSWORD),
        lambda: door.login(dora.username, "wrong violet teapots"),
    ):
        with turned(door, "UNAUTHENTICATED"):
            await call()
    async with standing.chat.visit() as visit:
        await visit.perform(accounts.reactivate, dora.username)
    with turned(door, "UNAUTHENTICATED"):
        await door.refresh(tokens.refresh)
    assert await door.houses((await door.login(dora.username, PASSWORD)).access)


async def test_a_password_that_is_wrong_tells_nothing_of_a_deactivated_account(
    door: Door, cast: Cast, standing: Server
) -> None:
    dora = await cast.newcomer()
    async with standing.chat.visit() as visit:
        await visit.perform(accounts.deactivate, dora.username)
    told = []
    for name in (dora.username, "nobody"):
        with pytest.raises(Turned) as refused:
            await door.login(name, "wrong violet teapots")
        told.append((refused.value.code, refused.value.said))
    assert told[0] == told[1]
