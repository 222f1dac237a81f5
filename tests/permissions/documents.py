"""Documents written from the schema: what is asked for is asked for whole, so that nothing of an answer goes unseen."""

from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    get_named_type,
    is_required_argument,
)

# Some of each kind of node, without two fields of one name and different types.
ANY_NODE = (
    "__typename id databaseId ... on House { name } ... on Room { title } ... on Talk { seq } "
    "... on User { username } ... on Member { role } ... on Ban { reason } ... on JoinRequest { message }"
)
# The pages of the worlds are smaller than this.
ARGUMENTS = {"first": "100"}


def is_leaf(field: GraphQLField) -> bool:
    """Tell whether a field gives a value, or a list of values, and no object."""
    return isinstance(get_named_type(field.type), GraphQLScalarType | GraphQLEnumType)


def fields_of(kind: GraphQLNamedType) -> dict[str, GraphQLField]:
    """Give the fields of an object or interface type."""
    return kind.fields if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) else {}


def is_page(kind: GraphQLNamedType) -> bool:
    """Tell whether a type is a part of a list's page."""
    return kind.name.endswith(("Connection", "Edge")) or kind.name == "PageInfo"


def payloads(schema: GraphQLSchema) -> dict[str, set[str]]:
    """Give the types that mutations return, and the names of all fields of the schema that return each."""
    given = [get_named_type(field.type) for field in _mutations(schema).values()]
    found = {kind.name: set[str]() for kind in given if isinstance(kind, GraphQLObjectType)}
    for kind in schema.type_map.values():
        for name, field in fields_of(kind).items():
            returned = get_named_type(field.type).name
            if returned in found and not kind.name.startswith("__"):
                found[returned].add(f"{kind.name}.{name}")
    return found


def _mutations(schema: GraphQLSchema) -> dict[str, GraphQLField]:
    return {} if schema.mutation_type is None else dict(schema.mutation_type.fields)


def whole(kind: GraphQLNamedType, inside: bool = False) -> str:
    """Write what there is of a type: its values, of a page or a payload also the objects in it."""
    if isinstance(kind, GraphQLInterfaceType):
        return "__typename " + " ".join(kind.fields) if kind.name.endswith("Event") else ANY_NODE
    opened = is_page(kind) or kind.name.endswith("Payload")
    written = []
    for name, field in fields_of(kind).items():
        if any(is_required_argument(argument) for argument in field.args.values()):
            continue
        if is_leaf(field):
            written.append(name)
        elif opened:
            written.append(f"{name} {{ {whole(get_named_type(field.type), True)} }}")
    return " ".join(written)


def field_text(name: str, field: GraphQLField, **given: str) -> str:
    """Write a field with the arguments that it needs, and everything that it returns."""
    known = ARGUMENTS | given
    arguments = ", ".join(f"{each}: {known[each]}" for each in field.args if each in known)
    selected = "" if is_leaf(field) else f" {{ {whole(get_named_type(field.type))} }}"
    return f"{name}{f'({arguments})' if arguments else ''}{selected}"


def mutation_text(schema: GraphQLSchema, name: str) -> str:
    """Write the document of a mutation, with all that it gives."""
    field = _mutations(schema)[name]
    selected = whole(get_named_type(field.type))
    if not field.args:
        return f"mutation {{ {name} {{ {selected} }} }}"
    return f"mutation($input: {field.args['input'].type}) {{ {name}(input: $input) {{ {selected} }} }}"


def needed_rows(schema: GraphQLSchema, endpoints: list[Any]) -> set[str]:
    """
    Name every row that the table must have, from the schema and the REST endpoints.

    A root field that takes any node needs one for each kind, one that may be given an id a second one. Pages and
    payloads need none: lists and mutations ask for them whole; nor does what only subscriptions tell. Raises `ValueError` for a payload that anything else
    returns as well.
    """
    paid = payloads(schema)
    for name, returned_by in paid.items():
        if len(returned_by) > 1:
            raise ValueError(f"{name} is returned by {sorted(returned_by)}: it needs rows of its own.")
    needed = {f"Mutation.{name}" for name in _mutations(schema)}
    told = told_by_subscriptions(schema)
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__"):
            if kind is schema.query_type:
                for name, field in kind.fields.items():
                    needed |= {f"Query.{each}" for each in _of_root_field(schema, name, field)}
            elif kind is not schema.mutation_type and not is_page(kind) and kind.name not in {*paid, *told}:
                needed |= {f"{kind.name}.{name}" for name in kind.fields}
    for endpoint in endpoints:
        needed.add(f"{endpoint.method} {endpoint.path}")
        if endpoint.method == "GET":
            needed |= {f"GET {endpoint.path}?{parameter.name}" for parameter in endpoint.takes}
    return needed


def told_by_subscriptions(schema: GraphQLSchema) -> set[str]:
    """Name the types of what subscriptions tell, which nothing else returns."""
    root = schema.subscription_type
    returned = [get_named_type(field.type) for field in ({} if root is None else root.fields).values()]
    told = {kind.name for kind in returned if isinstance(kind, GraphQLObjectType)}
    for kind in returned:
        if isinstance(kind, GraphQLInterfaceType):
            told |= {each.name for each in schema.get_possible_types(kind)}
    return told


def _of_root_field(schema: GraphQLSchema, name: str, field: GraphQLField) -> list[str]:
    returned = get_named_type(field.type)
    if isinstance(returned, GraphQLInterfaceType):
        return [f"{name}({kind.name})" for kind in schema.get_possible_types(returned)]
    optional = [
        each
        for each, argument in field.args.items()
        if get_named_type(argument.type).name == "ID" and not is_required_argument(argument)
    ]
    return [name, *(f"{name}({each})" for each in optional)]
