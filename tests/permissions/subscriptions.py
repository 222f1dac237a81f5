"""The calls that listen: each root field of subscriptions, opened as a stream that asks for all that it tells."""

from collections.abc import Iterable

from graphql import GraphQLSchema, get_named_type

from tests.permissions.calls import Call, stream
from tests.permissions.documents import fields_of, whole
from tests.permissions.scene import Scene
from tests.permissions.table import Row

# The argument that says what is listened to, and the kind of node it is; `viewerEvents` takes none.
LISTENED_TO = {"houseId": "House", "roomId": "Room"}


def subscriptions(scene: Scene, schema: GraphQLSchema, row: Row, actor: str, world: str) -> Iterable[Call]:
    """Give the calls of a cell."""
    field = fields_of(schema.type_map["Subscription"])[row.name]
    told = whole(get_named_type(field.type))
    code = row.cells[world, actor]
    about = [(name, kind) for name, kind in LISTENED_TO.items() if name in field.args]
    if not about:
        yield Call("itself", code, stream(f"subscription {{ opened: {row.name} {{ {told} }} }}"), ("opened",))
    for name, kind in about:
        for number, _ in scene.things(kind, world)[:2]:
            query = f"subscription($id: ID!) {{ opened: {row.name}({name}: $id) {{ {told} }} }}"
            yield Call(f"{kind} {number}", code, stream(query, id=scene.id_of(kind, number)), ("opened",))
