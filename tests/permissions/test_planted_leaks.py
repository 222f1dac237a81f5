"""The matrix sees what it is there to see: each test breaks one thing on purpose, and the matrix must find it."""

from collections.abc import Callable, Collection
from typing import Any

import pytest
from strawberry.types.base import get_object_definition

from chatgraph import models
from chatgraph.errors import NotFound
from chatgraph.models import Rank, Room, Talk
from chatgraph.operations import members, rooms
from chatgraph.operations.rates import Rates
from chatgraph.operations.rules import RULES, Action, Rule
from chatgraph.operations.work import Work
from chatgraph.schema.schema import SCHEMA
from chatgraph.schema.types import House
from chatgraph.store import houses as kept_houses
from chatgraph.store import rooms as kept_rooms
from chatgraph.store import talks as kept_talks
from chatgraph.store.houses import ANYBODY
from chatgraph.store.pages import Listing
from chatgraph.store.rows import Connection
from chatgraph.store.tables import rooms as room_rows
from chatgraph.store.tables import talks as talk_rows
from tests.permissions.judge import Report, judge
from tests.permissions.scene import Scene
from tests.permissions.table import TABLE

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def ask(scene: Scene, *keys: str, actors: Collection[str] = ("NM", "ME", "BA")) -> Report:
    """Ask a part of the matrix."""
    return await judge(scene, SCHEMA._schema, [TABLE[key] for key in keys], actors=actors)


def where(report: Report) -> set[tuple[str, str, str]]:
    """Name the rows, actors and worlds in which something leaks."""
    return {(wrong.row, wrong.actor, wrong.world) for wrong in report.leaks}


async def test_a_list_of_an_unreadable_house_is_seen(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    async def unfiltered(work: Work, house_ids: Collection[int], _: Any = None) -> dict[int, Any]:
        return {one: await kept_houses.get(work.db, work.look, one) for one in house_ids}

    keys = "House.rooms", "Query.rooms(houseId)", "GET room/list?house_id"
    assert not (await ask(scene, *keys)).wrong
    monkeypatch.setattr(rooms, "houses_for", unfiltered)
    found = await ask(scene, *keys)
    assert where(found) == {
        ("House.rooms", "BA", "public"),
        ("Query.rooms(houseId)", "BA", "public"),
        ("Query.rooms(houseId)", "BA", "private"),
        ("Query.rooms(houseId)", "NM", "private"),
        ("GET room/list?house_id", "BA", "public"),
        ("GET room/list?house_id", "BA", "private"),
        ("GET room/list?house_id", "NM", "private"),
    }
    assert any("shows" in wrong.got for wrong in found.leaks), "the texts of the rooms were not recognised"


async def test_a_count_shown_to_the_banned_is_seen(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def with_count(read: Callable[[models.House], Any]) -> Any:
        def resolve(house: models.House) -> Any:
            return read(house)

        return resolve

    assert not (await ask(scene, "House.memberCount")).wrong
    definition: Any = get_object_definition(House, strict=True)
    resolver = definition.get_field("member_count").base_resolver.wrapped_func
    monkeypatch.setattr(resolver, "__code__", with_count(lambda house: None).__code__)
    found = await ask(scene, "House.memberCount")
    assert where(found) == {("House.memberCount", "BA", "public")}
    assert [(wrong.expected, wrong.got) for wrong in found.leaks] == [("~", "y")]


async def test_a_node_that_is_loaded_without_sight_is_seen(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def load(work: Work, room_ids: Collection[int]) -> dict[int, Any]:
        ids = ", ".join(map(str, room_ids))
        rows = scene.ledger.ask(f"SELECT house_id FROM rooms WHERE id IN ({ids})")
        found = await kept_rooms.pages(work.db, {house for (house,) in rows}, models.Window(100))
        return {room.id: room for page in found.values() for room in page.items if room.id in room_ids}

    keys = "Query.node(Room)", "Query.nodes(Room)", "Query.room"
    assert not (await ask(scene, *keys)).wrong
    monkeypatch.setattr(rooms, "load_rooms", load)
    leaking = ("BA", "public"), ("BA", "private"), ("NM", "private")
    assert where(await ask(scene, *keys)) == {(key, *place) for key in keys for place in leaking}


async def test_a_list_of_everything_that_forgets_bans_is_seen(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaks = {
        kept_rooms: Listing(
            lambda _: kept_rooms.seen(ANYBODY, *kept_rooms.COLUMNS), room_rows.c.id, Room._make
        ),
        kept_talks: Listing(
            lambda _: kept_talks._in(kept_rooms.seen(ANYBODY, *kept_talks.COLUMNS)),
            talk_rows.c.id,
            Talk._make,
        ),
    }
    for module, leak in leaks.items():
        monkeypatch.setattr(module, "OF_ALL", leak)
    found = await ask(scene, "Query.rooms", "Query.talks", "GET room/list", "GET talk/list")
    assert {actor for _, actor, _ in where(found)} == {"BA"}
    assert {row for row, _, world in where(found) if world == "public"} == {
        wrong.row for wrong in found.wrong
    }


async def test_a_hidden_thing_that_is_told_from_what_never_was_is_seen(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    see_house = members.see_house

    async def telling(work: Work, house_id: int) -> models.House:
        if await kept_houses.exists(work.db, house_id):
            try:
                return await see_house(work, house_id)
            except NotFound:
                raise NotFound("house for you") from None
        return await see_house(work, house_id)

    monkeypatch.setattr(members, "see_house", telling)
    found = await ask(scene, "Mutation.joinHouse", "Mutation.removeMember")
    assert {(actor, world) for _, actor, world in where(found)} == {("NM", "private"), ("BA", "private")}
    assert all("what never was" in wrong.got for wrong in found.leaks)


async def test_a_trace_that_a_refused_mutation_leaves_is_seen(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def trace(self: Rates, operation: Any, viewer: Any, given: Any) -> None:
        async def leave(db: Connection) -> None:
            room = scene.worlds["private"].rooms["mel"]
            await kept_rooms.change(db, room, topic=f"somebody tried at {given}")

        await scene.server.chat.database.write(leave)

    monkeypatch.setattr(Rates, "spend", trace)
    found = await ask(scene, "Mutation.deleteRoom", actors=("AN", "ME"))
    assert {actor for _, actor, _ in where(found)} == {"AN", "ME"}
    assert all("rooms changed" in wrong.got for wrong in found.leaks)


async def test_a_right_that_is_given_too_widely_is_seen(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(RULES, Action.REMOVE_TALK, Rule(Rank.MEMBER))
    found = await ask(scene, "Mutation.removeTalk")
    assert where(found) == {("Mutation.removeTalk", "ME", world) for world in ("public", "private")}


async def test_a_right_that_is_held_back_is_seen(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RULES, Action.POST_TALK, Rule(Rank.MODERATOR))
    found = await ask(scene, "Mutation.postTalk", "Room.viewerCan")
    assert not found.leaks
    assert {(wrong.row, wrong.actor, wrong.world) for wrong in found.over_blocked} >= {
        ("Mutation.postTalk", "NM", "public"),
        ("Mutation.postTalk", "ME", "public"),
        ("Mutation.postTalk", "ME", "private"),
    }


async def test_a_list_that_holds_too_little_is_seen(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = kept_rooms.pages

    async def cut(*given: Any) -> dict[int, models.Page[models.Room]]:
        return {one: page._replace(items=page.items[1:]) for one, page in (await pages(*given)).items()}

    monkeypatch.setattr(kept_rooms, "pages", cut)
    found = await ask(scene, "House.rooms", actors=("ME",))
    assert [wrong.got for wrong in found.over_blocked] == ["y, 1 too few"] * 2
