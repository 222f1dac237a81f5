"""The calls that read: root fields of queries, and each field of each type for all the things of that type at once."""

from collections.abc import Iterable

from graphql import GraphQLSchema, get_named_type

from tests.permissions.actors import NAMES
from tests.permissions.calls import Call, Listed, Request, expect, graph
from tests.permissions.documents import field_text, fields_of, is_leaf, is_page, whole
from tests.permissions.scene import Scene
from tests.permissions.table import Row

# What stands in each list, by the number of what it hangs on: told by the tables, not by what is tested.
IN_LISTS = {
    "House.rooms": "SELECT id FROM rooms WHERE house_id = ?",
    "House.members": "SELECT id FROM members WHERE house_id = ?",
    "House.bans": "SELECT id FROM bans WHERE house_id = ?",
    "House.invites": "SELECT id FROM invites WHERE house_id = ?",
    "House.joinRequests": "SELECT id FROM join_requests WHERE house_id = ? AND state = 'pending'",
    "House.auditLog": "SELECT id FROM audit_entries WHERE house_id = ?",
    "Room.talks": "SELECT id FROM talks WHERE room_id = ?",
    "Query.sessions": "SELECT id FROM sessions WHERE user_id = ? AND end_time IS NULL",
    "Query.joinRequests": "SELECT id FROM join_requests WHERE user_id = ?",
}
SAMPLE = 2


def listed(scene: Scene, name: str, parent: int) -> Listed:
    """Give what a list must hold."""
    return Listed(frozenset(number for (number,) in scene.ledger.ask(IN_LISTS[name], parent)))


def reads(scene: Scene, schema: GraphQLSchema, row: Row, actor: str, world: str) -> Iterable[Call]:
    """Give the calls of a cell."""
    if row.section != "Query":
        return _of_type(scene, schema, row, actor, world)
    name, _, kind = row.name.rstrip(")").partition("(")
    if name in ("node", "nodes"):
        return _of_nodes(scene, schema, row, actor, world, name, kind)
    return _of_root(scene, schema, row, actor, world, name, kind)


def _of_root(
    scene: Scene, schema: GraphQLSchema, row: Row, actor: str, world: str, name: str, given: str
) -> Iterable[Call]:
    """Ask a root field that isn't about any node."""
    there, code = scene.worlds[world], row.cells[world, actor]
    field = fields_of(schema.type_map["Query"])[name]
    user = scene.users.get(actor, 0)

    def ask(target: str, lists: tuple[Listed, ...] = (), **about: object) -> Call:
        signature = ", ".join(f"${each}: {field.args[each].type}" for each in about)
        text = field_text(name, field, **{each: f"${each}" for each in about})
        query = f"query({signature}) {{ {text} }}" if about else f"{{ {text} }}"
        return Call(
            target, code, graph(query, **about), (name,), lists, opens=name == "invite" and code == "y"
        )

    if name in ("house", "room", "talk"):
        kind = name.capitalize()
        for number, _ in scene.things(kind, world)[:SAMPLE]:
            yield ask(f"{kind} {number}", id=scene.id_of(kind, number))
    elif name == "user":
        yield ask("a member", username=NAMES["ME"])
    elif name == "invite":
        yield ask("the code", code=there.code)
    elif given == "houseId":
        yield ask(
            "the house",
            (listed(scene, "House.rooms", there.house),),
            houseId=scene.id_of("House", there.house),
        )
    elif given == "roomId":
        room = there.rooms["mel"]
        yield ask("a room", (listed(scene, "Room.talks", room),), roomId=scene.id_of("Room", room))
    elif name in ("houses", "rooms", "talks"):
        kind = name.removesuffix("s").capitalize()
        numbers = frozenset(number for number, _ in scene.things(kind, world))
        yield ask("all", (Listed(numbers, exact=False),))
    elif name in ("sessions", "joinRequests"):
        yield ask("own", (listed(scene, f"Query.{name}", user),))
    else:
        assert name in ("viewer", "registration"), f"nobody has said how to ask for {row.key}"
        yield ask("itself")


def _of_nodes(
    scene: Scene, schema: GraphQLSchema, row: Row, actor: str, world: str, name: str, kind: str
) -> Iterable[Call]:
    """Ask for nodes of a kind: a sample one by one, or all that expect the same answer together."""
    selected = f"... on {kind} {{ {whole(schema.type_map[kind])} }}"
    groups = grouped(scene, kind, row.cells[world, actor], actor, world)
    for expected, numbers in groups.items():
        ids = [scene.id_of(kind, number) for number in numbers]
        if name == "nodes":
            query = f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ {selected} }} }}"
            yield Call(f"{len(ids)} of them", expected, graph(query, ids=ids[:100]), ("nodes",))
            continue
        for number, each in list(zip(numbers, ids, strict=True))[:SAMPLE]:
            query = f"query($id: ID!) {{ node(id: $id) {{ {selected} }} }}"
            yield Call(f"{kind} {number}", expected, graph(query, id=each), ("node",))


def _of_type(scene: Scene, schema: GraphQLSchema, row: Row, actor: str, world: str) -> Iterable[Call]:
    """
    Ask for a field of all the things of its type; of what is no node, on the way that leads to it.

    Fields that give plain values are asked for together, so that one answer tells of them all.
    """
    there, code = scene.worlds[world], row.cells[world, actor]
    field = fields_of(schema.type_map[row.section])[row.name]
    given = {"userId": f'"{scene.user_id("mel")}"', "permission": "READ"}
    text = field_text(row.name, field, **given)
    if is_leaf(field):
        text = whole(schema.type_map[row.section])
    if row.section == "InvitePreview":
        request = graph(f"query($code: String!) {{ invite(code: $code) {{ {text} }} }}", code=there.code)
        yield Call("the code", code, request, ("invite", row.name), opens=code == "y")
        return
    kind, way = row.section, (row.name,)
    if row.section == "Explanation":
        # Of somebody who is muted, or, to see when that ends, of somebody who is banned.
        explain = fields_of(schema.type_map["House"])["explain"]
        asked = scene.user_id("bo" if row.name == "banEndTime" else "mel")
        text = field_text("explain", explain, userId=f'"{asked}"', permission="READ")
        kind, way = "House", ("explain", row.name)
    for expected, numbers in grouped(scene, kind, code, actor, world).items():
        request = _nodes(kind, text, [scene.id_of(kind, number) for number in numbers])
        lists = ()
        if is_page(get_named_type(field.type)):
            lists = tuple(listed(scene, row.key, number) for number in numbers)
        yield Call(f"{len(numbers)} of them", expected, request, ("nodes", *way), lists)


def _nodes(kind: str, text: str, ids: list[str]) -> Request:
    return graph(f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {kind} {{ {text} }} }} }}", ids=ids)


def grouped(scene: Scene, kind: str, code: str, actor: str, world: str) -> dict[str, list[int]]:
    """Give the numbers of the things of a kind by the code that the actor must get for them."""
    groups: dict[str, list[int]] = {}
    for number, person in scene.things(kind, world):
        groups.setdefault(expect(code, own=person == actor), []).append(number)
    return groups
