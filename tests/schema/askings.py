"""Every document that names a node by its id, made from the schema, so that no field is left out."""

from collections.abc import Iterator

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    get_named_type,
    is_required_input_field,
)

from chatgraph.schema.ids import global_id
from chatgraph.schema.schema import SCHEMA
from tests.schema.nodes import LOOKUPS

SCHEMA_ITSELF = SCHEMA._schema
_NODE = SCHEMA_ITSELF.type_map["Node"]
assert isinstance(_NODE, GraphQLInterfaceType)
KINDS = sorted(kind.name for kind in SCHEMA_ITSELF.get_possible_types(_NODE))

# What an argument that holds an id is called, and what it is the id of.
NAMED = {f"{kind[0].lower()}{kind[1:]}Id": kind for kind in KINDS}

NEVER = 4_000_000_000_000

# What stands in the other fields of an input: what they take, and what they don't.
GOOD = {"String": '"Hello"', "Int": "60", "Boolean": "true", "DateTime": '"2999-01-01T00:00:00Z"'}
BAD = {"String": f'"{"a" * 4001}"', "Int": "-1", "Boolean": "false", "DateTime": '"1999-01-01T00:00:00Z"'}


def documents_for(kind: str, user_id: str) -> Iterator[str]:
    """Give each document that takes the id of a *kind* in `$id`; where a user is wanted too, it is *user_id*."""
    yield "query($id: ID!) { node(id: $id) { id } }"
    yield "query($id: ID!) { nodes(ids: [$id]) { id } }"
    assert SCHEMA_ITSELF.query_type is not None
    for name, field in SCHEMA_ITSELF.query_type.fields.items():
        for argument in field.args:
            if NAMED.get(argument) == kind or (argument == "id" and LOOKUPS.get(name) == kind):
                yield f"query($id: ID!) {{ {name}({argument}: $id) {{ __typename }} }}"
    assert SCHEMA_ITSELF.mutation_type is not None
    for name, field in SCHEMA_ITSELF.mutation_type.fields.items():
        taken = get_named_type(field.args["input"].type) if field.args else None
        if not isinstance(taken, GraphQLInputObjectType):
            continue
        for held, of in taken.fields.items():
            if get_named_type(of.type).name == "ID" and NAMED[held] == kind:
                for values, everything in ((GOOD | {"ID": f'"{user_id}"'}, False), (_bad(), True)):
                    rest = _fill(taken, held, values, everything)
                    yield f"mutation($id: ID!) {{ {name}(input: {{{held}: $id{rest}}}) {{ __typename }} }}"


def _bad() -> dict[str, str]:
    return BAD | {"ID": f'"{global_id("User", NEVER)}"'}


def _fill(taken: GraphQLInputObjectType, held: str, values: dict[str, str], everything: bool) -> str:
    """Write the other fields of an input, those that may be left out only where *everything* is wanted."""
    written = ""
    for name, field in taken.fields.items():
        if name != held and (everything or is_required_input_field(field)):
            kind = get_named_type(field.type)
            value = next(iter(kind.values)) if isinstance(kind, GraphQLEnumType) else values[kind.name]
            written += f", {name}: {value}"
    return written
