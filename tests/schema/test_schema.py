"""The schema as it is printed: complete, described, and never less than what clients rely on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    get_named_type,
)
from graphql.utilities import find_breaking_changes

from chatgraph.schema.loaders import NODES
from chatgraph.schema.schema import SCHEMA, print_schema
from tests.schema.askings import documents_for
from tests.schema.lists import NAMES

ROOT = Path(__file__).parents[2]
FIXED = (Path(__file__).parent / "fixed.graphql").read_text("utf-8")
OURS: GraphQLSchema = SCHEMA._schema


def described(schema: GraphQLSchema) -> Iterator[tuple[str, str | None]]:
    """Give the name and description of everything that a schema defines, introspection aside."""
    for name, kind in schema.type_map.items():
        if name.startswith("__"):
            continue
        yield name, kind.description
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for field_name, field in kind.fields.items():
                yield f"{name}.{field_name}", field.description
                for argument_name, argument in field.args.items():
                    yield f"{name}.{field_name}({argument_name}:)", argument.description
        elif isinstance(kind, GraphQLInputObjectType):
            for field_name, input_field in kind.fields.items():
                yield f"{name}.{field_name}", input_field.description
        elif isinstance(kind, GraphQLEnumType):
            for value_name, value in kind.values.items():
                yield f"{name}.{value_name}", value.description
    for directive in schema.directives:
        yield f"@{directive.name}", directive.description


def test_the_printed_schema_is_the_one_that_is_served() -> None:
    assert (ROOT / "schema.graphql").read_text("utf-8") == print_schema()


def test_the_printed_schema_can_be_built_again() -> None:
    assert not find_breaking_changes(build_schema(print_schema()), OURS)


def test_everything_has_a_description() -> None:
    everything = dict(described(OURS))
    assert len(everything) > 200
    assert [name for name, description in everything.items() if not (description or "").strip()] == []


def test_a_missing_description_is_noticed_wherever_it_is() -> None:
    bare = build_schema("type Query { a(b: C): D } input C { e: Int } enum D { F }")
    missing = [name for name, description in described(bare) if not description]
    assert missing == ["Query", "Query.a", "Query.a(b:)", "C", "C.e", "D", "D.F"]


def test_nothing_that_clients_rely_on_is_gone() -> None:
    assert [change.description for change in find_breaking_changes(build_schema(FIXED), OURS)] == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("lastSeq: Int!", ""),
        ("viewer: User\n", "viewer: String\n"),
        ("seq: Int!", "seq: Int"),
        ("content: String! clientKey", "content: String! tone: Int! clientKey"),
        ("OWNER MODERATOR", "OWNER"),
        ("room(id: ID!)", "room(key: ID!)"),
    ],
)
def test_what_would_break_a_client_is_noticed(before: str, after: str) -> None:
    assert before in FIXED
    changed = build_schema(FIXED.replace(before, after))
    assert find_breaking_changes(build_schema(FIXED), changed)


@pytest.mark.parametrize("name", ["viewer", "node", "house", "room", "talk", "user"])
def test_one_lookup_that_fails_leaves_the_rest_of_the_answer(name: str) -> None:
    assert OURS.query_type is not None
    assert not str(OURS.query_type.fields[name].type).endswith("!")


def test_one_of_many_nodes_that_fails_leaves_the_others() -> None:
    assert OURS.query_type is not None
    assert str(OURS.query_type.fields["nodes"].type) == "[Node]!"


def test_every_mutation_with_something_to_take_takes_one_input_and_gives_a_payload() -> None:
    assert OURS.mutation_type is not None
    for name, field in OURS.mutation_type.fields.items():
        noun = name[0].upper() + name[1:]
        assert str(field.type) == f"{noun}Payload!"
        assert {key: str(argument.type) for key, argument in field.args.items()} in (
            {"input": f"{noun}Input!"},
            {},
        )


def test_every_node_carries_both_of_its_ids() -> None:
    nodes = OURS.get_possible_types(OURS.type_map["Node"])  # type: ignore[arg-type]
    assert {node.name for node in nodes} == set(NODES)
    for node in nodes:
        assert {"id", "databaseId"} <= set(node.fields)


def connections(schema: GraphQLSchema) -> set[str]:
    """Give the fields of a schema that return pages."""
    return {
        f"{name}.{field_name}"
        for name, kind in schema.type_map.items()
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
        for field_name, field in kind.fields.items()
        if get_named_type(field.type).name.endswith("Connection")
    }


def test_the_rules_about_lists_are_asked_of_every_list() -> None:
    assert connections(OURS) == set(NAMES.values())


def takes_id(field: GraphQLField) -> bool:
    """Tell whether a field takes the id of something, itself or in its input."""
    kinds = [get_named_type(argument.type) for argument in field.args.values()]
    for kind in list(kinds):
        if isinstance(kind, GraphQLInputObjectType):
            kinds += [get_named_type(inner.type) for inner in kind.fields.values()]
    return "ID" in [kind.name for kind in kinds]


def test_every_field_that_takes_an_id_is_asked_with_one_that_is_not_seen() -> None:
    assert OURS.query_type is not None
    assert OURS.mutation_type is not None
    fields = OURS.query_type.fields | OURS.mutation_type.fields
    documents = " ".join(document for kind in NODES for document in documents_for(kind, "x"))
    asked = [name for name in fields if f"{{ {name}(" in documents]
    assert asked == [name for name, field in fields.items() if takes_id(field)]
    assert len(asked) > 30
