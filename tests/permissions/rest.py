"""The calls of the REST API, with what GraphQL gives the same actor to compare it with."""

from collections.abc import Iterable
from typing import Any

from tests.cast import PASSWORD
from tests.permissions.actors import NAMES
from tests.permissions.calls import Call, Listed, Request
from tests.permissions.scene import Scene
from tests.permissions.table import Row

TALKS = "SELECT t.id FROM talks t JOIN rooms r ON r.id = t.room_id WHERE t.remove_time IS NULL AND r.{} = ?"
# The array of each list, what stands in one of its house or room, and what of a whole house stands in all of it.
LISTS = {
    "house/list": ("house_list", "", "SELECT id FROM houses WHERE id = ?"),
    "room/list": (
        "rooms",
        "SELECT id FROM rooms WHERE house_id = ?",
        "SELECT id FROM rooms WHERE house_id = ?",
    ),
    "talk/list": ("talk_list", TALKS.format("id"), TALKS.format("house_id")),
}
# The same question in GraphQL, and how its nodes look in REST.
TWINS = {
    "house/list": "query { list: houses(first: 100) { nodes { id: databaseId name } } }",
    "room/list": "query($house_id: ID) { list: rooms(houseId: $house_id, first: 100) "
    "{ nodes { id: databaseId title creator_id: creator { databaseId } create_time: createTime } } }",
    "talk/list": "query($room: ID) { list: talks(roomId: $room, first: 100) "
    "{ nodes { id: databaseId content creator_id: creator { databaseId } create_time: createTime removeTime } } }",
}


def rest_calls(scene: Scene, row: Row, actor: str, world: str) -> Iterable[Call]:
    """Give the calls of a cell."""
    path, _, parameter = row.name.partition("?")
    code, there = row.cells[world, actor], scene.worlds[world]
    if row.section == "POST":
        yield Call(path, code, Request(path, _body(scene, path, actor, world)), (), (), True, "", code == "j")
        return
    member, of_one, of_house = LISTS[path]
    if not parameter:
        numbers = frozenset(number for (number,) in scene.ledger.ask(of_house, there.house))
        request = Request(path, {}, method="GET")
        yield Call("all", code, request, (member,), (Listed(numbers, exact=False),))
        return
    parent = {"house_id": there.house, "room": there.rooms["mel"]}[parameter]
    numbers = frozenset(number for (number,) in scene.ledger.ask(of_one, parent))
    request = Request(path, {parameter: parent}, method="GET")
    yield Call(f"{parameter}={parent}", code, request, (member,), (Listed(numbers),))


def _body(scene: Scene, path: str, actor: str, world: str) -> dict[str, Any]:
    who = "NM" if actor == "AN" else actor
    return {
        "register": {"username": "newcomer", "password": PASSWORD},
        "login": {"username": NAMES[who], "password": PASSWORD},
        "refresh": {"refresh_token": scene.actors[who].refresh_token},
        "room/new": {"house_id": scene.worlds[world].house, "room_title": "Attic"},
    }[path]


async def differs_from_graph(scene: Scene, call: Call, actor: str, told: dict[str, Any]) -> str | None:
    """Say in what a REST list isn't what GraphQL gives the same actor, talks that were removed aside."""
    about = {
        name: scene.id_of({"house_id": "House", "room": "Room"}[name], number)
        for name, number in call.request.about.items()
    }
    twin = await scene.actors[actor].post(TWINS[call.request.path], about)
    nodes = ((twin.json().get("data") or {}).get("list") or {"nodes": []})["nodes"]
    for node in nodes:
        if "creator_id" in node:
            node["creator_id"] = node["creator_id"]["databaseId"]
    nodes = [node for node in nodes if node.pop("removeTime", None) is None]
    found = told.get(call.field[0], [])
    return None if found == nodes else f"REST lists {len(found)} that aren't the {len(nodes)} of GraphQL"
