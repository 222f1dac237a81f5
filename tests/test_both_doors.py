"""The rules that both doors share, each asked of either."""

import secrets
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from chatgraph.operations.rates import RATES
from chatgraph.operations.sessions import login
from tests.cast import PASSWORD, Actor, Cast
from tests.conftest import Server
from tests.databases import Empty
from tests.doors import DOORS, Door, Turned, turned
from tests.schema.crowd import make_house, make_room, make_talks, make_users
from tests.schema.standing import standing_server

pytestmark = pytest.mark.asyncio(loop_scope="module")

NEVER = 4_000_000_000


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


async def number(actor: Actor, node_id: str) -> int:
    """Give the database id of a node."""
    return (await actor.ask("query($id: ID!) { node(id: $id) { databaseId } }", id=node_id))["node"][
        "databaseId"
    ]


async def founded(actor: Actor, visibility: str = "PUBLIC", name: str = "Engine") -> int:
    return await number(actor, await actor.create_house(name, visibility))


async def opened(door: Door, actor: Actor, house: int, title: str = "Hall") -> int:
    return (await door.create_room(actor.token, house, title)).id


# Accounts and sessions.


async def test_who_registers_can_sign_in_and_ask(door: Door) -> None:
    name = f"dora{secrets.token_hex(4)}"
    await door.register(name, PASSWORD)
    tokens = await door.login(name, PASSWORD)
    assert isinstance(await door.houses(tokens.access), list)


@pytest.mark.parametrize("name", ["ADA", "Ada", "ａｄａ"])
async def test_a_name_is_the_same_in_any_case_and_width(door: Door, name: str) -> None:
    assert await door.houses((await door.login(name, PASSWORD)).access) is not None
    with turned(door, "CONFLICT", "username"):
        await door.register(name, PASSWORD)


async def test_a_name_that_looks_like_one_that_is_taken_is_taken(door: Door) -> None:
    with turned(door, "CONFLICT", "username"):
        await door.register("аda", PASSWORD)


async def test_a_name_of_any_script_is_one_that_can_sign_in(door: Door) -> None:
    name = f"小明{secrets.token_hex(4)}"
    await door.register(name, PASSWORD)
    assert (await door.login(name, PASSWORD)).access


async def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(door: Door) -> None:
    told = []
    for name, password in (("ada", "wrong violet teapots"), ("nobody", PASSWORD), ("", PASSWORD), ("\0", "")):
        with pytest.raises(Turned) as refused:
            await door.login(name, password)
        answer = refused.value
        told.append(
            (answer.response.status_code, answer.code, answer.field, answer.said, answer.response.content)
        )
    assert set(told) == {told[0]}
    assert told[0][:2] == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize(
    ("username", "password", "field"),
    [
        ("", PASSWORD, "username"),
        ("a" * 33, PASSWORD, "username"),
        ("a\0b", PASSWORD, "username"),
        ("two words", PASSWORD, "username"),
        ("dora", "short", "password"),
        ("dora", "a" * 129, "password"),
        ("dora", "password123", "password"),
    ],
)
async def test_a_name_or_password_that_is_no_good_is_refused(
    door: Door, username: str, password: str, field: str
) -> None:
    with turned(door, "BAD_USER_INPUT", field):
        await door.register(username, password)


async def test_refreshing_rotates_and_the_old_one_ends_the_session_once_the_new_one_was_used(
    door: Door,
) -> None:
    first = await door.login("ben", PASSWORD)
    second = await door.refresh(first.refresh)
    third = await door.refresh(second.refresh)
    assert len({first.refresh, second.refresh, third.refresh}) == 3
    assert await door.houses(third.access) is not None
    with turned(door, "UNAUTHENTICATED"):
        await door.refresh(first.refresh)
    with turned(door, "UNAUTHENTICATED"):
        await door.refresh(third.refresh)
    with turned(door, "UNAUTHENTICATED"):
        await door.houses(third.access)


async def test_a_retry_after_a_lost_answer_gets_the_same_successor(door: Door) -> None:
    first = await door.login("ben", PASSWORD)
    assert (await door.refresh(first.refresh)).refresh == (await door.refresh(first.refresh)).refresh


async def test_neither_token_is_good_for_the_other(door: Door) -> None:
    tokens = await door.login("ben", PASSWORD)
    with turned(door, "UNAUTHENTICATED"):
        await door.refresh(tokens.access)
    with turned(door, "UNAUTHENTICATED"):
        await door.houses(tokens.refresh)


@pytest.mark.parametrize("token", [None, "garbage", "a.b.c", "Bearer"])
async def test_everything_else_needs_a_token(door: Door, cast: Cast, token: str | None) -> None:
    house = await founded(cast.ada)
    calls: list[Callable[[], object]] = [
        lambda: door.houses(token),
        lambda: door.rooms(token),
        lambda: door.rooms(token, house),
        lambda: door.talks(token),
        lambda: door.create_room(token, house, "Hall"),
    ]
    for call in calls:
        with turned(door, "UNAUTHENTICATED"):
            await call()  # type: ignore[misc]
    assert await door.rooms(cast.ada.token, house) == []


async def test_a_token_that_has_expired_is_refused(door: Door, standing: Server) -> None:
    stale = standing.chat.tokens.issue_access(1, 1, datetime.now(UTC) - timedelta(minutes=11))
    with turned(door, "UNAUTHENTICATED"):
        await door.houses(stale)


async def test_a_session_that_ended_at_one_door_has_ended_at_the_other(door: Door, cast: Cast) -> None:
    tokens = await door.login("ben", PASSWORD)
    await cast.ben.do("logout", "ok", refreshToken=tokens.refresh)
    with turned(door, "UNAUTHENTICATED"):
        await door.houses(tokens.access)


# What is seen.


async def test_everybody_sees_public_houses_and_their_own_private_ones(door: Door, cast: Cast) -> None:
    public = await founded(cast.ada, "PUBLIC", "Engine")
    private = await founded(cast.ada, "PRIVATE", "Attic")
    seen = {actor.username: await door.houses(actor.token) for actor in (cast.ada, cast.cleo)}
    assert [(public, "Engine"), (private, "Attic")] == seen["ada"][-2:]
    assert public in [house.id for house in seen["cleo"]]
    assert private not in [house.id for house in seen["cleo"]]


async def test_a_private_house_is_not_found_just_as_one_that_never_was(door: Door, cast: Cast) -> None:
    private = await founded(cast.ada, "PRIVATE")
    room = await opened(door, cast.ada, private)
    for call in (
        lambda house, _: door.rooms(cast.cleo.token, house),
        lambda house, _: door.create_room(cast.cleo.token, house, "Mine"),
        lambda house, _: door.create_room(cast.cleo.token, house, ""),
        lambda _, room: door.talks(cast.cleo.token, room),
    ):
        told = []
        for house_id, room_id in ((private, room), (NEVER, NEVER)):
            with pytest.raises(Turned) as refused:
                await call(house_id, room_id)
            answer = refused.value
            told.append((answer.response.status_code, answer.code, answer.field, answer.said))
        assert told[0] == told[1]
        assert told[0][1] == "NOT_FOUND"


async def test_lists_of_everything_leave_out_what_is_not_seen(door: Door, cast: Cast) -> None:
    public, private = secrets.token_hex(4), secrets.token_hex(4)
    for visibility, said in (("PUBLIC", public), ("PRIVATE", private)):
        house = await cast.ada.create_house("Engine", visibility)
        await cast.ada.post_talk(await cast.ada.create_room(house, said), said)
    for actor, seen in ((cast.ada, [public, private]), (cast.cleo, [public])):
        titles = [room.title for room in await door.rooms(actor.token)]
        assert [title for title in titles if title in (public, private)] == seen[::-1]
        talks = [talk.content for talk in await door.talks(actor.token)]
        assert [content for content in talks if content in (public, private)] == seen


async def test_a_house_that_is_made_private_is_gone_for_strangers_at_once(door: Door, cast: Cast) -> None:
    house = await cast.ada.create_house()
    key = await number(cast.ada, house)
    room = await opened(door, cast.ada, key)
    assert await door.talks(cast.cleo.token, room) == []
    await cast.ada.do("updateHouse", "house { id }", houseId=house, visibility="PRIVATE")
    with turned(door, "NOT_FOUND"):
        await door.talks(cast.cleo.token, room)
    with turned(door, "NOT_FOUND"):
        await door.rooms(cast.cleo.token, key)


async def test_rooms_are_listed_newest_first_and_talks_oldest_first(door: Door, cast: Cast) -> None:
    house = await founded(cast.ada)
    rooms = [await door.create_room(cast.ada.token, house, f"Room {n}") for n in range(3)]
    assert await door.rooms(cast.ben.token, house) == rooms[::-1]
    node = (await cast.ada.ask("{ rooms(first: 1) { nodes { id } } }"))["rooms"]["nodes"][0]["id"]
    for content in ("one", "two", "three"):
        await cast.ben.post_talk(node, content)
    talks = await door.talks(cast.ada.token, rooms[-1].id)
    assert [talk.content for talk in talks] == ["one", "two", "three"]
    assert {talk.creator_id for talk in talks} == {await number(cast.ada, cast.ben.id)}


async def test_lists_are_whole_however_long_they_are(door: Door, cast: Cast, standing: Server) -> None:
    [guest] = await make_users(standing.chat, 1, secrets.token_hex(4))
    house = await make_house(standing.chat, guest)
    room = await make_room(standing.chat, guest, house)
    await make_talks(standing.chat, [guest], room, 201)
    talks = await door.talks(cast.ada.token, room)
    assert [talk.id for talk in talks] == sorted({talk.id for talk in talks})
    assert len(talks) == 201


async def test_what_was_removed_is_said_by_neither_door(door: Door, cast: Cast) -> None:
    house = await cast.ada.create_house()
    room = await cast.ada.create_room(house)
    talk = await cast.ben.post_talk(room, "a slip of the tongue")
    await cast.ben.post_talk(room, "what I meant")
    await cast.ben.do("removeTalk", "talk { content }", talkId=talk)
    said = [one.content for one in await door.talks(cast.ada.token, await number(cast.ada, room))]
    assert said == ["what I meant"]
    assert [one.content for one in await door.talks(cast.ada.token)][-1:] == said
    assert "a slip of the tongue" not in [one.content for one in await door.talks(cast.ada.token)]


async def test_what_was_deleted_is_not_found(door: Door, cast: Cast) -> None:
    house = await cast.ada.create_house()
    room = await cast.ada.create_room(house)
    keys = await number(cast.ada, house), await number(cast.ada, room)
    await cast.ada.do("deleteRoom", "roomId", roomId=room)
    with turned(door, "NOT_FOUND"):
        await door.talks(cast.ada.token, keys[1])
    await cast.ada.do("deleteHouse", "houseId", houseId=house)
    with turned(door, "NOT_FOUND"):
        await door.rooms(cast.ada.token, keys[0])
    assert keys[0] not in [one.id for one in await door.houses(cast.ada.token)]


# What is done.


async def test_opening_a_room_in_a_public_house_makes_a_stranger_a_member(door: Door, cast: Cast) -> None:
    house = await cast.ada.create_house()
    room = await door.create_room(cast.cleo.token, await number(cast.ada, house), "Hall")
    assert (room.title, room.creator_id) == ("Hall", await number(cast.ada, cast.cleo.id))
    assert datetime.fromisoformat(room.create_time) <= datetime.now(UTC)
    assert room.create_time.endswith("Z")
    found = await cast.cleo.ask(f'{{ house(id: "{house}") {{ viewerRole memberCount }} }}')
    assert found["house"] == {"viewerRole": "MEMBER", "memberCount": 2}


@pytest.mark.parametrize("title", ["", "   ", "a" * 101, "two\nlines", "a\0b", "\u202eevil"])
async def test_a_title_that_is_no_good_is_refused_and_nobody_joins(
    door: Door, cast: Cast, title: str
) -> None:
    house = await cast.ada.create_house()
    key = await number(cast.ada, house)
    with turned(door, "BAD_USER_INPUT", "title"):
        await door.create_room(cast.cleo.token, key, title)
    assert await door.rooms(cast.ada.token, key) == []
    found = await cast.ada.ask(f'{{ house(id: "{house}") {{ memberCount }} }}')
    assert found["house"]["memberCount"] == 1


async def test_a_title_comes_back_without_the_space_around_it(door: Door, cast: Cast) -> None:
    room = await door.create_room(cast.ada.token, await founded(cast.ada), "  聊天室 🏠 ")
    assert room.title == "聊天室 🏠"


# Rates.


@pytest_asyncio.fixture(loop_scope="module")
async def counting(empty_database: Empty, tmp_path: Path) -> AsyncIterator[Cast]:
    """The cast at a server that counts attempts."""
    async with (
        standing_server(empty_database, tmp_path, rate_limits=True) as server,
        Cast(server.url) as cast,
    ):
        await cast.enter()
        yield cast


@pytest.mark.parametrize("last", DOORS)
async def test_attempts_to_sign_in_are_counted_at_both_doors_together(counting: Cast, last: str) -> None:
    [_, (of_an_account, _)] = RATES[login]
    most = of_an_account.amount
    doors: list[Door] = [kind(counting.http) for kind in DOORS.values()]
    for attempt in range(most - 1):  # one was spent on entering
        with turned(doors[attempt % 2], "UNAUTHENTICATED"):
            await doors[attempt % 2].login("ada", "wrong violet teapots")
    door: Door = DOORS[last](counting.http)
    for name, password in (("ada", PASSWORD), ("ADA", "wrong violet teapots")):
        with pytest.raises(Turned) as refused:
            await door.login(name, password)
        assert (refused.value.response.status_code, refused.value.code) == (429, "RATE_LIMITED")
        assert int(refused.value.response.headers["retry-after"]) > 0
        assert refused.value.response.headers["ratelimit"].startswith('"login per account";r=0;t=')
    assert await door.login("ben", PASSWORD)
