"""Changes that are committed together are still one after the other: what stands behind one is judged by it."""

import asyncio
from base64 import b64decode
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, NamedTuple

import pytest
import pytest_asyncio

from chatgraph.chat import Chat
from chatgraph.operations import accounts
from chatgraph.store.postgres.holding import HOUSES
from chatgraph.store.rows import Connection
from chatgraph.store.writer import Writer
from tests.cast import Actor, Cast, Refused
from tests.conftest import Server
from tests.databases import ON_SQLITE, Empty
from tests.looks import World, make_world
from tests.schema.standing import standing_server

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def standing(empty_database: Empty, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """A server that stands for all of these tests."""
    async with standing_server(empty_database, tmp_path_factory.mktemp("standing")) as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cast(standing: Server) -> AsyncIterator[Cast]:
    async with Cast(standing.url) as cast:
        await cast.enter()
        yield cast


Call = Callable[[], Awaitable[Any]]


def writer_of(chat: Chat, house: str) -> Writer:
    """Give who writes what is done in a house."""
    writer = chat.database.writer
    return writer if ON_SQLITE else writer.lane(HOUSES + int(b64decode(house).partition(b":")[2]))


async def in_one_batch(chat: Chat, house: str, *calls: Call) -> list[str]:
    """
    Make calls in a house whose writes wait, in this order, behind one that takes its time, and so are committed together.

    Gives of each "done", or the code that it was refused with.
    """
    writer = writer_of(chat, house)
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def hold(_: Connection) -> None:
        begun.set()
        await go_on.wait()

    holding = asyncio.create_task(writer.write(hold))
    await begun.wait()
    commits, tasks = writer.commits, []
    try:
        for waiting, call in enumerate(calls, 1):
            tasks.append(asyncio.ensure_future(call()))
            while len(writer._waiting) < waiting:
                assert not tasks[-1].done(), "it was answered before it was committed"
                await asyncio.sleep(0)
    finally:
        go_on.set()
        await holding
    told = await asyncio.gather(*tasks, return_exceptions=True)
    assert writer.commits == commits + 2, "that which was held, and all the others in one"
    return [one.code if isinstance(one, Refused) else _done(one) for one in told]


def _done(outcome: Any) -> str:
    if isinstance(outcome, BaseException):
        raise outcome
    return "done"


class Scene(NamedTuple):
    """A house of Ada's with somebody in it who was *prepared*: what they do comes behind what is done to them."""

    world: World
    ada: Actor
    dora: Actor
    cleo: Actor
    chat: Chat

    def post(self) -> Awaitable[Any]:
        return self.dora.post_talk(self.world.room)

    def in_house(self, actor: Actor, mutation: str, **given: Any) -> Awaitable[Any]:
        return actor.do(mutation, "__typename", houseId=self.world.house, **given)

    def to_dora(self, mutation: str, **given: Any) -> Awaitable[Any]:
        return self.in_house(self.ada, mutation, userId=self.dora.id, **given)

    def to_room(self, mutation: str) -> Awaitable[Any]:
        return self.ada.do(mutation, "__typename", roomId=self.world.room)

    async def deactivate(self) -> None:
        async with self.chat.visit() as visit:
            await visit.perform(accounts.deactivate, self.dora.username)


class Pair(NamedTuple):
    """A *change*, and what Dora does *behind* it: it is refused with this *code*, and were it first it would be done."""

    code: str
    change: Callable[[Scene], Awaitable[Any]]
    behind: Callable[[Scene], Awaitable[Any]]
    visibility: str = "PUBLIC"
    role: str | None = "MEMBER"


def post(scene: Scene) -> Awaitable[Any]:
    return scene.post()


def leave(scene: Scene) -> Awaitable[Any]:
    return scene.in_house(scene.dora, "leaveHouse")


FAR = "2999-01-01T00:00:00Z"


def ban_cleo(scene: Scene) -> Awaitable[Any]:
    return scene.in_house(scene.dora, "banUser", userId=scene.cleo.id)


PAIRS = {
    "ban, post": Pair("FORBIDDEN", lambda scene: scene.to_dora("banUser"), post),
    "ban a stranger, post": Pair("FORBIDDEN", lambda scene: scene.to_dora("banUser"), post, role=None),
    "ban from a private house, post": Pair(
        "NOT_FOUND", lambda scene: scene.to_dora("banUser"), post, "PRIVATE"
    ),
    "ban, join": Pair(
        "FORBIDDEN",
        lambda scene: scene.to_dora("banUser"),
        lambda scene: scene.in_house(scene.dora, "joinHouse"),
        role=None,
    ),
    "remove from a private house, post": Pair(
        "NOT_FOUND", lambda scene: scene.to_dora("removeMember"), post, "PRIVATE"
    ),
    "leave a private house, post": Pair("NOT_FOUND", leave, post, "PRIVATE"),
    "mute, post": Pair("FORBIDDEN", lambda scene: scene.to_dora("muteMember", endTime=FAR), post),
    "take the role, ban": Pair(
        "FORBIDDEN", lambda scene: scene.to_dora("setRole", role="MEMBER"), ban_cleo, role="MODERATOR"
    ),
    "make private, post": Pair(
        "NOT_FOUND",
        lambda scene: scene.in_house(scene.ada, "updateHouse", visibility="PRIVATE"),
        post,
        role=None,
    ),
    "archive, post": Pair("FORBIDDEN", lambda scene: scene.to_room("archiveRoom"), post),
    "lock, post": Pair("FORBIDDEN", lambda scene: scene.to_room("lockRoom"), post),
    "delete the room, post": Pair("NOT_FOUND", lambda scene: scene.to_room("deleteRoom"), post),
    "deactivate, post": Pair("UNAUTHENTICATED", lambda scene: scene.deactivate(), post),
    "deactivate, found a house": Pair(
        "UNAUTHENTICATED", lambda scene: scene.deactivate(), lambda scene: scene.dora.create_house()
    ),
    "sign out everywhere, post": Pair(
        "UNAUTHENTICATED", lambda scene: scene.dora.ask("mutation { logoutEverywhere { ended } }"), post
    ),
}


# What is done to an account is written beside what is done in a house, where several write.
ANYWHERE = ("deactivate", "sign out")
NAMES = [
    pytest.param(name, marks=pytest.mark.sqlite) if name.startswith(ANYWHERE) else name for name in PAIRS
]


async def set_scene(cast: Cast, chat: Chat, visibility: str, role: str | None) -> Scene:
    dora = await cast.newcomer()
    scene = Scene(await make_world(cast.ada, visibility), cast.ada, dora, cast.cleo, chat)
    if role is not None:
        await dora.accept((await cast.ada.invite(scene.world.house))[1])
    if role == "MODERATOR":
        await cast.ada.set_role(dora, scene.world.house)
    return scene


@pytest.mark.parametrize("name", NAMES)
async def test_what_stands_behind_a_change_is_judged_by_it(cast: Cast, standing: Server, name: str) -> None:
    code, change, behind, visibility, role = PAIRS[name]
    scene = await set_scene(cast, standing.chat, visibility, role)
    calls = lambda: change(scene), lambda: behind(scene)
    assert await in_one_batch(standing.chat, scene.world.house, *calls) == ["done", code]


@pytest.mark.parametrize("name", NAMES)
async def test_what_stands_before_a_change_is_done(cast: Cast, standing: Server, name: str) -> None:
    _, change, behind, visibility, role = PAIRS[name]
    scene = await set_scene(cast, standing.chat, visibility, role)
    calls = lambda: behind(scene), lambda: change(scene)
    assert await in_one_batch(standing.chat, scene.world.house, *calls) == ["done", "done"]


async def test_who_joins_can_speak_in_the_same_batch_and_is_counted_once(
    cast: Cast, standing: Server
) -> None:
    for order in (1, -1):
        scene = await set_scene(cast, standing.chat, "PUBLIC", None)
        calls: list[Call] = [lambda scene=scene: scene.dora.join(scene.world.house), scene.post, scene.post]
        assert await in_one_batch(standing.chat, scene.world.house, *calls[::order]) == ["done"] * 3
        found = await cast.ada.ask(f'{{ house(id: "{scene.world.house}") {{ memberCount }} }}')
        assert found["house"]["memberCount"] == 2


async def test_who_accepts_an_invite_can_speak_in_the_same_batch_and_not_before_it(
    cast: Cast, standing: Server
) -> None:
    for order, told in ((1, ["done", "done"]), (-1, ["NOT_FOUND", "done"])):
        scene = await set_scene(cast, standing.chat, "PRIVATE", None)
        _, code = await cast.ada.invite(scene.world.house)
        calls: list[Call] = [lambda scene=scene, code=code: scene.dora.accept(code), scene.post]
        assert await in_one_batch(standing.chat, scene.world.house, *calls[::order]) == told


async def test_an_invite_that_was_revoked_in_the_batch_lets_nobody_in(cast: Cast, standing: Server) -> None:
    for order, told in ((1, ["done", "NOT_FOUND"]), (-1, ["done", "done"])):
        scene = await set_scene(cast, standing.chat, "PRIVATE", None)
        invite, code = await cast.ada.invite(scene.world.house)
        revoke: Call = lambda invite=invite: cast.ada.do("revokeInvite", "invite { id }", inviteId=invite)  # noqa: E731
        accept: Call = lambda scene=scene, code=code: scene.dora.accept(code)  # noqa: E731
        assert await in_one_batch(standing.chat, scene.world.house, *[revoke, accept][::order]) == told


async def test_the_last_use_of_an_invite_is_had_by_one_of_a_batch(cast: Cast, standing: Server) -> None:
    house = await cast.ada.create_house("Attic", "PRIVATE")
    _, code = await cast.ada.invite(house, mostUses=1)
    calls = lambda: cast.cleo.accept(code), lambda: cast.ben.accept(code)
    assert await in_one_batch(standing.chat, house, *calls) == ["done", "NOT_FOUND"]


async def test_who_handed_the_house_over_in_the_batch_cannot_delete_it(cast: Cast, standing: Server) -> None:
    scene = await set_scene(cast, standing.chat, "PUBLIC", "MEMBER")
    calls: list[Call] = [
        lambda: scene.to_dora("transferHouse"),
        lambda: scene.in_house(scene.ada, "deleteHouse"),
        lambda: scene.in_house(scene.dora, "updateHouse", name="Mine"),
    ]
    assert await in_one_batch(standing.chat, scene.world.house, *calls) == ["done", "FORBIDDEN", "done"]
    scene = await set_scene(cast, standing.chat, "PUBLIC", "MEMBER")
    assert await in_one_batch(standing.chat, scene.world.house, calls[1], calls[0]) == ["done", "NOT_FOUND"]


async def test_a_talk_that_was_removed_in_the_batch_is_not_edited(cast: Cast, standing: Server) -> None:
    for order, told in ((1, ["done", "CONFLICT"]), (-1, ["done", "done"])):
        scene = await set_scene(cast, standing.chat, "PUBLIC", "MEMBER")
        talk = await scene.dora.post_talk(scene.world.room)
        remove: Call = lambda talk=talk: cast.ada.do("removeTalk", "talk { id }", talkId=talk)  # noqa: E731
        edit: Call = lambda scene=scene, talk=talk: scene.dora.do(  # noqa: E731
            "editTalk", "talk { id }", talkId=talk, content="Hi"
        )
        assert await in_one_batch(standing.chat, scene.world.house, *[remove, edit][::order]) == told
        found = await cast.ada.ask(f'{{ talk(id: "{talk}") {{ content }} }}')
        assert found["talk"]["content"] is None
