"""What is too much for one operation, and that finding out costs little."""

from collections.abc import Callable
from dataclasses import fields
from itertools import count, product
from typing import Any

import pytest
from graphql import (
    GraphQLResolveInfo,
    build_schema,
    execute_sync,
    get_introspection_query,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    parse,
    validate,
)
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from chatgraph.schema.limits import BOUNDS, Bounds, Weighed, weigh
from chatgraph.schema.limits.repeats import count_repeats
from chatgraph.schema.limits.sizes import MOST, Objects
from chatgraph.schema.limits.weights import Scale, Weight

PAGES = "(first: Int, after: String, last: Int, before: String)"
SCHEMA = build_schema(
    f"""
    directive @quiet on QUERY | FIELD | FRAGMENT_DEFINITION | FRAGMENT_SPREAD | INLINE_FRAGMENT | VARIABLE_DEFINITION
    interface Node {{ id: ID! }}
    type PageInfo {{ hasNextPage: Boolean! }}
    type User implements Node {{ id: ID! username: String! badges: [Badge!]! }}
    type Badge {{ name: String! }}
    type Talk implements Node {{ id: ID! content: String creator: User! room: Room! }}
    type TalkEdge {{ cursor: String! node: Talk! }}
    type TalkConnection {{ edges: [TalkEdge!]! nodes: [Talk!]! pageInfo: PageInfo! }}
    type Room implements Node {{ id: ID! title: String! house: House! creator: User! talks{PAGES}: TalkConnection! }}
    type RoomEdge {{ cursor: String! node: Room! }}
    type RoomConnection {{ edges: [RoomEdge!]! nodes: [Room!]! pageInfo: PageInfo! }}
    type House implements Node {{ id: ID! name: String! rooms{PAGES}: RoomConnection! }}
    type HouseEdge {{ cursor: String! node: House! }}
    type HouseConnection {{ edges: [HouseEdge!]! nodes: [House!]! pageInfo: PageInfo! }}
    type Query {{
      viewer: User
      house(id: ID!): House
      node(id: ID!): Node
      nodes(ids: [ID!]!): [Node]!
      houses{PAGES}: HouseConnection!
      newest(first: Int!): [Talk!]!
      everyone: UserConnection!
    }}
    type UserConnection {{ nodes: [User!]! }}
    type Payload {{ ok: Boolean! }}
    type Mutation {{ login(name: String): Payload register(name: String): Payload createHouse(name: String): Payload }}
    """
)
CREDENTIALS = frozenset({"login", "register", "refresh", "changePassword"})


def weighed(text: str, bounds: Bounds = BOUNDS) -> Weighed:
    return weigh(SCHEMA, parse(text, max_tokens=BOUNDS.tokens), credentials=CREDENTIALS, bounds=bounds)


def told(text: str) -> list[str]:
    return [error.message for error in weighed(text).errors]


# Depth: nouns within nouns.


def deep(levels: int) -> str:
    """A valid document of so many levels: house → rooms → house → rooms …, a page of one each."""
    text = "id"
    for level in range(levels - 1, 1, -1):
        text = f"rooms(first: 1) {{ nodes {{ {text} }} }}" if level % 2 == 0 else f"house {{ {text} }}"
    return f'{{ house(id: "1") {{ {text} }} }}'


def test_ten_levels_are_allowed_and_eleven_are_not() -> None:
    assert not validate(SCHEMA, parse(deep(11)))
    assert told(deep(10)) == []
    assert told(deep(11)) == ["This operation is 11 levels deep; at most 10 are allowed."]


def test_wrappers_of_a_connection_are_no_levels() -> None:
    edges = (
        "{ house(id: 1) { rooms { edges { node { talks { edges { node { creator { username } } } } } } } } }"
    )
    assert weight_of(edges)["depth"] == 5
    nodes = "{ house(id: 1) { rooms { nodes { talks { nodes { creator { username } } } } } } }"
    assert weight_of(nodes)["depth"] == 5
    assert weight_of("{ houses { pageInfo { hasNextPage } } }")["depth"] == 2
    assert weight_of("{ node(id: 1) { id } }")["depth"] == 2


def test_depth_goes_through_fragments() -> None:
    assert (
        weight_of("{ ...A } fragment A on Query { house(id: 1) { ...B } } fragment B on House { id }")[
            "depth"
        ]
        == 2
    )
    assert weight_of("{ ... on Query { ... { house(id: 1) { id } } } }")["depth"] == 2


# Aliases, directives, root fields, credentials: sums.


def test_fifteen_aliases_are_allowed_and_sixteen_are_not() -> None:
    aliases = [f"a{n}: name" for n in range(14)]
    assert told(f"{{ house(id: 1) {{ {' '.join(aliases)} b: __typename }} }}") == []
    assert told(f"{{ house(id: 1) {{ {' '.join(aliases)} b: __typename c: __typename }} }}") == [
        "This operation has 16 aliases; at most 15 are allowed."
    ]


def test_an_alias_has_at_most_a_hundred_characters() -> None:
    text = "{{ ...A }} fragment A on Query {{ house(id: 1) {{ b: id {}: name c: id }} }}"
    assert told(text.format("a" * 100)) == []
    assert told(text.format("a" * 101)) == [
        "This operation has an alias of 101 characters; at most 100 are allowed."
    ]


def test_an_alias_in_a_fragment_counts_wherever_it_is_spread() -> None:
    text = "{ house(id: 1) { ...A ...A ...B } } fragment A on House { a: name ...B } fragment B on House { b: id c: id }"
    assert weight_of(text)["aliases"] == 8


def test_directives_count_wherever_they_stand() -> None:
    text = """
        query ($id: ID! @quiet) @quiet { house(id: $id) @quiet { ...A @quiet ... @quiet { id } ...A } }
        fragment A on House @quiet { name @quiet }
    """
    assert not validate(SCHEMA, parse(text))
    assert weight_of(text)["directives"] == 5 + 2 * 2
    assert told("{ house(id: 1) { name " + "@quiet " * 10 + "} }") == []
    assert told("{ house(id: 1) { name " + "@quiet " * 11 + "} }") == [
        "This operation has 11 directives; at most 10 are allowed."
    ]


def test_root_fields_count_after_fragments_are_expanded() -> None:
    fragment = " fragment A on Query { viewer { id } ... { viewer { username } } }"
    assert told("{ ...A ...A ...A ...A ...A }" + fragment) == []
    assert told("{ ...A ...A ...A ...A ...A viewer { id } }" + fragment) == [
        "This operation has 11 root fields; at most 10 are allowed."
    ]


@pytest.mark.parametrize(("selection", "most"), [("id", 100), ("rooms { nodes { id title } }", 25)])
def test_fields_that_are_repeated_are_counted_with_those_below(selection: str, most: int) -> None:
    def errors(times: int) -> list[str]:
        fields = f"{selection} " * times
        text = f"{{ house(id: 1) {{ ...A }} }} fragment A on House {{ {fields} }}"
        return [error.message.split(";")[0] for error in weighed(text).errors]

    assert errors(most + 1) == []
    assert errors(most + 2) == [f"This document repeats fields {100 * (most + 1) // most} times"]


@pytest.mark.parametrize(
    ("text", "repeats"),
    [
        ("{ viewer { id a: id id } viewer { id } }", 3),
        ("{ house(id: 1) { id ... { id ... on House { id name } } name } }", 3),
        ("{ viewer { id } } fragment F on House { id id rooms { nodes { id id } } }", 2),
        ("{ viewer { id } viewer { id ... { a: badges { name } } } }", 4),
        ("{ viewer { ...A ...A } } fragment A on User { id id }", 1),
        ("{ viewer { id ...A } } fragment A on User { id username ...B } fragment B on User { username }", 3),
        ("{ viewer { ...A ...B } } fragment A on User { id id } fragment B on User { id id }", 4),
        ("{ viewer { ...A ...Z } } fragment A on User { id ...A }", 1),
    ],
)
def test_fields_are_repeated_wherever_they_have_to_agree(text: str, repeats: int) -> None:
    document = parse(text)
    assert count_repeats(document, Scale(SCHEMA, document, ()).fragments) == repeats


def test_a_document_has_a_bounded_number_of_fragments() -> None:
    def errors(count: int) -> list[str]:
        text = "{ viewer { id } } " + " ".join(f"fragment F{i} on User {{ id }}" for i in range(count))
        return [error.message for error in weighed(text).errors]

    assert errors(50) == []
    assert errors(51) == ["This document has 51 fragments; at most 50 are allowed."]


def test_many_fields_below_the_root_are_no_root_fields() -> None:
    assert told("{ house(id: 1) { " + "id name " * 20 + "} }") == []


def test_one_try_of_a_credential_is_allowed_and_two_are_not() -> None:
    assert told("mutation { login { ok } createHouse { ok } }") == []
    two = ["This operation tries credentials 2 times; at most 1 try is allowed."]
    assert told("mutation { login { ok } b: login { ok } }") == two
    assert told("mutation { login { ok } register { ok } }") == two
    assert told("mutation { ...A ... { ...A } } fragment A on Mutation { login { ok } }") == two


def test_a_field_named_like_a_credential_is_none_outside_mutations() -> None:
    schema = build_schema("type Query { login: String } type Mutation { login: String }")
    assert weigh(schema, parse("{ login ... { login } }"), credentials=CREDENTIALS).errors == ()


# Objects.


@pytest.mark.parametrize(
    ("text", "objects"),
    [
        ("{ viewer { id } }", 1),
        ("{ __typename }", 0),
        ("{ houses { nodes { id } } }", 50),
        ("{ houses { edges { cursor node { id } } nodes { id } pageInfo { hasNextPage } } }", 50),
        ("{ houses(first: 10) { nodes { rooms(last: 5) { nodes { id } } } } }", 10 + 50),
        ("{ houses(first: 7, last: 3) { nodes { id } } }", 7),
        ("{ houses(first: null) { nodes { id } } }", 50),
        ("{ houses(first: -5) { nodes { id } } }", 1),
        ("{ houses(first: 101) { nodes { id } } }", 100),
        ("{ houses(first: " + "9" * 5000 + ") { nodes { id } } }", 100),
        ('{ houses(first: "many") { nodes { id } } }', 100),
        ("{ newest(first: 20) { creator { id } } }", 40),
        ("{ everyone { nodes { id } } }", 50),
        ("{ viewer { badges { name } } }", 1 + 10),
        ('{ nodes(ids: ["a", "b", "c"]) { id } }', 3),
        ('{ nodes(ids: "a") { id } }', 1),
        ("{ nodes(ids: []) { id } }", 1),
        ("{ nodes(ids: [" + "1 " * 150 + "]) { id } }", 150),
        (
            "{ houses(first: 10) { nodes { ...A ...A } } } fragment A on House { rooms(first: 2) { nodes { id } } }",
            50,
        ),
    ],
)
def test_objects_are_pages_times_what_is_below(text: str, objects: int) -> None:
    assert weighed(text).objects() == objects


def pages(houses: int, rooms: int, talks: int) -> str:
    return (
        f"{{ houses(first: {houses}) {{ nodes {{ rooms(first: {rooms}) {{ edges {{ node {{ "
        f"talks(last: {talks}) {{ nodes {{ content }} }} }} }} }} }} }} }}"
    )


def test_ten_thousand_objects_are_allowed_and_one_more_is_not() -> None:
    exact = '{ nodes(ids: ["a"]) { id } house(id: 1) { rooms(first: 99) { nodes { talks(first: 100) { nodes { id } } } } }'
    assert weighed(exact + " }").objects() == 1 + 1 + 99 + 9900 == 10_001
    assert told(exact + " }") == [
        "This operation may ask for 10001 objects; at most 10000 are allowed: ask for smaller pages."
    ]
    assert told(exact.replace('nodes(ids: ["a"]) { id }', "") + " }") == []


def test_a_hundred_pages_of_a_hundred_pages_of_a_hundred_are_refused() -> None:
    assert weighed(pages(100, 100, 100)).objects() == 100 + 10_000 + 1_000_000
    assert told(pages(100, 100, 100)) != []
    assert told(pages(10, 10, 50)) == []


def test_each_operation_is_told_of_on_its_own_and_a_limit_once() -> None:
    found = weighed(
        f"query A {pages(100, 100, 100)}\nquery B {{ viewer {{ id }} }}\nquery C {pages(99, 99, 99)}"
    ).errors
    assert [error.message.split()[5] for error in found] == ["1010100", "980199"]
    assert [error.locations[0].line for error in found if error.locations] == [1, 3]
    assert {str(error.extensions) for error in found} == {"{'code': 'GRAPHQL_VALIDATION_FAILED'}"}


# Variables.

BY_VARIABLES = """
    query Q($houses: Int, $rooms: Int = 20) {
      houses(first: $houses) { nodes { ...Rooms } }
    }
    fragment Rooms on House { rooms(last: $rooms) { nodes { talks(first: 30) { nodes { id } } } } }
"""


@pytest.mark.parametrize(
    ("variables", "houses", "rooms"),
    [
        ({"houses": 3, "rooms": 4}, 3, 4),
        ({"houses": 3}, 3, 20),
        ({"houses": 3, "rooms": None}, 3, 50),
        ({"houses": None, "rooms": 1}, 50, 1),
        ({}, 50, 20),
        (None, 50, 20),
        ({"houses": -1, "rooms": 0}, 1, 1),
        ({"houses": 10**30, "rooms": "5"}, 100, 100),
        ({"houses": 5.0, "rooms": float("nan")}, 5, 100),
        ({"houses": [1], "rooms": {"a": 1}}, 100, 100),
    ],
)
def test_variables_size_pages(variables: dict[str, Any] | None, houses: int, rooms: int) -> None:
    document = weighed(BY_VARIABLES)
    objects = houses * (1 + rooms * (1 + 30))
    assert document.objects("Q", variables) == objects
    assert (document.refusal("Q", variables) is not None) == (objects > 10_000)


def test_a_refusal_by_variables_says_what_was_found() -> None:
    refusal = weighed(BY_VARIABLES).refusal(None, {"houses": 50, "rooms": 50})
    assert refusal is not None
    assert "may ask for 77550 objects; at most 10000" in refusal.message
    assert refusal.extensions == {"code": "GRAPHQL_VALIDATION_FAILED"}
    assert refusal.locations


def test_a_list_by_ids_in_a_variable_counts_its_ids() -> None:
    document = weighed(
        "query ($ids: [ID!]!, $id: ID!) { nodes(ids: $ids) { id } x: nodes(ids: [$id]) { id } }"
    )
    assert document.varies
    assert document.objects(None, {"ids": ["a"] * 300}) == 301
    assert document.refusal(None, {"ids": ["a"] * 10_000}) is not None
    assert document.objects(None, {"ids": "a"}) == 2


def test_a_document_is_not_refused_for_what_its_variables_might_hold() -> None:
    text = pages(100, 100, 100).replace("first: 100", "first: $n", 1).replace("first: 100", "first: $n")
    document = weighed(f"query ($n: Int = 100) {text}")
    assert document.errors == ()
    assert document.refusal(None, {"n": 9}) is None
    assert document.refusal(None, {}) is not None
    assert (
        weighed(f"query ($n: Int) {pages(100, 100, 100).replace('first: 100', 'first: $n', 1)}").errors != ()
    )


def test_only_sizes_by_variables_make_a_document_vary() -> None:
    assert not weighed("query ($id: ID!) { house(id: $id) { rooms(first: 3) { nodes { id } } } }").varies
    assert weighed(
        "query ($n: Int) { ...A } fragment A on Query { houses(last: $n) { nodes { id } } }"
    ).varies


def test_a_fragment_is_sized_by_the_operation_that_spreads_it() -> None:
    document = weighed(
        "query A($n: Int = 3) { ...F } query B($n: Int = 4) { ...F } fragment F on Query { houses(first: $n) { nodes { id } } }"
    )
    assert (document.objects("A"), document.objects("B"), document.objects("B", {"n": 5})) == (3, 4, 5)


def test_an_operation_that_is_not_there_is_left_to_the_executor() -> None:
    document = weighed("query A { viewer { id } } query B { viewer { id } }")
    assert [document.objects(name) for name in ("A", "B", "C", "", None)] == [1, 1, 0, 0, 0]
    assert document.refusal("C") is None
    assert weighed("query A { viewer { id } }").objects("") == 1


# Introspection.

OPTIONS = (
    "descriptions",
    "specified_by_url",
    "directive_is_repeatable",
    "schema_description",
    "input_value_deprecation",
    "experimental_directive_deprecation",
    "one_of",
)


def test_the_standard_introspection_query_passes_with_any_options() -> None:
    # GraphiQL 4.1.2, Relay and the code generators send this text; they differ in the options alone.
    for asked in product((False, True), repeat=len(OPTIONS)):
        document = weighed(get_introspection_query(**dict(zip(OPTIONS, asked, strict=True))))
        assert document.errors == ()
        assert document.objects() == 0


def test_the_standard_introspection_query_is_where_the_bounds_say() -> None:
    weight = weight_of(get_introspection_query())
    assert weight["introspection_depth"] == BOUNDS.introspection_depth
    assert weight["introspection_recursion"] == BOUNDS.introspection_recursion
    assert weight["introspection_lists"] * 2 == BOUNDS.introspection_lists
    assert weight["depth"] == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
            "This operation introspects types within types 3 times; at most 1 is allowed.",
        ),
        (
            '{ __type(name: "A") { ...A } } fragment A on __Type { possibleTypes { ...B } } '
            "fragment B on __Type { interfaces { name } }",
            "This operation introspects types within types 2 times; at most 1 is allowed.",
        ),
        (
            "{ __schema { queryType { " + "ofType { " * 13 + "name" + " }" * 16,
            "This operation introspects 16 levels deep; at most 15 are allowed.",
        ),
        (
            "{ __schema { " + " ".join(f"a{n}: types {{ fields {{ name }} }}" for n in range(10)) + " } }",
            "This operation introspects 20 lists; at most 18 are allowed.",
        ),
    ],
)
def test_deeper_or_wider_introspection_is_refused(text: str, message: str) -> None:
    assert message in told(text)


def test_introspection_beside_other_fields_changes_nothing_for_either() -> None:
    def both(levels: int) -> str:
        return get_introspection_query().replace("__schema {", f"{deep(levels)[1:-1]} __schema {{", 1)

    assert told(both(10)) == []
    assert told(both(11)) == told(deep(11))


# Documents made to hurt.


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Count the selections weighed and the sums closed; more than ten thousand are a defect."""
    steps = count()
    done = 0

    def counted(method: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*arguments: Any) -> Any:
            nonlocal done
            done = next(steps)
            assert done < 10_000, "more work than the document is long"
            return method(*arguments)

        return wrapper

    monkeypatch.setattr(Scale, "weigh", counted(Scale.weigh))
    monkeypatch.setattr(Objects, "total", counted(Objects.total))
    return lambda: done


def bomb(last: str, head: str = "") -> str:
    spreads = " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(60))
    return f"{head} {{ ...F0 }} {spreads} fragment F60 on Query {{ {last} }}"


def test_a_bomb_of_fragments_is_refused_by_weighing_each_once(work: Callable[[], int]) -> None:
    document = weighed(bomb("a: viewer { id @quiet }"))
    assert work() < 200
    assert document.objects() == MOST
    assert [error.message.split(";")[0] for error in document.errors] == [
        "This operation has over 999999999 aliases",
        "This operation has over 999999999 directives",
        "This operation has over 999999999 root fields",
        "This operation may ask for over 999999999 objects",
        "This document has 61 fragments",
    ]


def test_a_bomb_of_fragments_with_variables_is_summed_once(work: Callable[[], int]) -> None:
    document = weighed(bomb("houses(first: $n) { nodes { id } }", "query ($n: Int)"))
    assert document.objects(None, {"n": 1}) == MOST
    assert work() < 500


def test_fragments_that_spread_themselves_are_left_to_their_own_rule(work: Callable[[], int]) -> None:
    document = parse(
        "{ ...A } fragment A on Query { viewer { ...B } ...A } fragment B on User { ...C } fragment C on User { ...B }"
    )
    assert weigh(SCHEMA, document).errors == ()
    assert work() < 20
    assert any("Cannot spread fragment" in error.message for error in validate(SCHEMA, document))


@pytest.mark.parametrize(
    "text",
    [
        "{ " + "a { " * 199 + "b" + " }" * 200,
        "{ " + "... { " * 199 + "b" + " }" * 200,
        "{ ...F0 }" + "".join(f"fragment F{n} on Query {{ ...F{n + 1} }}" for n in range(124)),
        "{ ...F0 }"
        + "".join(f"fragment F{n} on Query {{ a {{ ... {{ ...F{n + 1} }} }} }}" for n in range(66)),
        "{ viewer { " + "ofType { " * 190 + "b" + " }" * 192,
    ],
)
def test_nesting_past_a_hundred_is_refused_without_going_there(text: str, work: Callable[[], int]) -> None:
    assert any("levels deep; at most 10 are allowed" in message for message in told(text))
    assert work() < 400


def test_unknown_names_are_weighed_by_their_shape() -> None:
    text = "{ ...Nobody nothing { ... on Nothing { a: edges { node } } } viewer { id { id } } __type { fields { x } } }"
    assert weight_of(text)["aliases"] == 1
    assert weight_of("{ viewer { __schema { types { name } } } }")["depth"] == 4
    assert told(text) == []
    assert weigh(SCHEMA, parse("subscription { a { b } }")).errors == ()
    assert weigh(SCHEMA, parse("type A { b: Int } fragment B on A { c }")).errors == ()


def test_bounds_can_be_other_ones() -> None:
    assert weighed("{ viewer { id } }", Bounds(depth=1)).errors != ()
    assert weighed("{ houses { nodes { id } } }", Bounds(objects=49)).refusal() is not None


# The rule itself, for documents that nobody wrote.


def weight_of(text: str) -> dict[str, Any]:
    """All that an operation weighs, under names."""
    document = parse(text)
    operation: Any = next(node for node in document.definitions if node.kind == "operation_definition")
    weight = Scale(SCHEMA, document, CREDENTIALS).operation(operation)
    names = [field.name for field in fields(Weight) if field.name != "objects"]
    return {name: getattr(weight, name) for name in names}


PAGE = st.sampled_from(["", "(first: 1)", "(last: 2)", "(first: 3)", "(first: $n)", "(last: $m)"])
LINKS = {
    "Query": {
        "viewer": "User",
        'house(id: "1")': "House",
        "houses": "HouseConnection",
        'nodes(ids: ["a", "b"])': "Node",
    },
    "Node": {},
    "User": {"badges": "Badge"},
    "Badge": {},
    "House": {"rooms": "RoomConnection"},
    "HouseConnection": {"nodes": "House", "edges": "HouseEdge"},
    "HouseEdge": {"node": "House"},
    "Room": {"house": "House", "creator": "User"},
    "RoomConnection": {"nodes": "Room", "edges": "RoomEdge", "pageInfo": "PageInfo"},
    "RoomEdge": {"node": "Room"},
    "PageInfo": {},
}
LEAVES = {
    "Node": "id",
    "User": "username",
    "Badge": "name",
    "House": "name",
    "HouseEdge": "cursor",
    "Room": "title",
}


class Written:
    """One operation, written with fragments and without."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw, self.names = draw, count()
        self.fragments: dict[str, list[tuple[str, str]]] = {}  # by type: the name, and the text in its place
        self.definitions: list[str] = []
        spread, inlined = self.selections("Query", 5)
        head = "query ($n: Int = 2, $m: Int) "
        self.spread = " ".join([head, spread, *self.definitions])
        self.inlined = f"{head} {inlined}"

    def selections(self, on: str, left: int) -> tuple[str, str]:
        both = [self.selection(on, left) for _ in range(self.draw(st.integers(1, 3)))]
        return tuple("{ " + " ".join(each) + " }" for each in zip(*both, strict=True))  # pyright: ignore[reportReturnType]

    def selection(self, on: str, left: int) -> tuple[str, str]:
        kinds = ["leaf"] + (["link", "link", "fragment", "again", "inline"] if left else [])
        kind = self.draw(st.sampled_from(kinds))
        alias = self.draw(st.sampled_from(["", "", f"a{next(self.names)}: "]))
        directive = self.draw(st.sampled_from(["", "", " @quiet"]))
        if kind == "link" and LINKS[on]:
            name = self.draw(st.sampled_from(sorted(LINKS[on])))
            returned = LINKS[on][name]
            page = self.draw(PAGE) if returned.endswith("Connection") else ""
            one, other = self.selections(returned, left - 1)
            # Each link has its own alias, so that nothing merges and the estimate is exact.
            field = f"l{next(self.names)}: {name}{page}{directive}"
            return f"{field} {one}", f"{field} {other}"
        if kind == "inline":
            one, other = self.selections(on, left - 1)
            return f"... {directive} {one}", f"... {directive} {other}"
        if kind == "fragment" or (kind == "again" and on in self.fragments):
            if kind == "fragment":
                one, other = self.selections(on, left - 1)
                name = f"F{next(self.names)}"
                self.definitions.append(f"fragment {name} on {on}{directive} {one}")
                self.fragments.setdefault(on, []).append((name, f"... on {on}{directive} {other}"))
            name, text = self.draw(st.sampled_from(self.fragments[on]))
            return f"...{name}", text
        leaf = f"{alias}{LEAVES.get(on, '__typename')}{directive}"
        return leaf, leaf


DOCUMENTS = st.composite(lambda draw: Written(draw))()
# A slow machine is no failure: these tests say nothing of time.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
SIZES = st.fixed_dictionaries({}, optional={"n": st.none() | st.integers(1, 4), "m": st.integers(1, 4)})


def of_operations(document: Weighed) -> list[str]:
    """Give what is told of operations; what is spread twice is repeated once, since that is seen at once."""
    return [error.message for error in document.errors if not error.message.startswith("This document")]


@PATIENT
@given(DOCUMENTS, SIZES)
def test_a_document_weighs_what_it_weighs_with_its_fragments_inlined(
    written: Written, variables: dict[str, Any]
) -> None:
    assert weight_of(written.spread) == weight_of(written.inlined)
    one, other = weighed_whole(written.spread), weighed_whole(written.inlined)
    assert of_operations(one) == of_operations(other)
    assert one.objects(None, variables) == other.objects(None, variables)


@PATIENT
@given(DOCUMENTS, SIZES)
def test_running_a_document_never_makes_more_objects_than_were_estimated(
    written: Written, variables: dict[str, Any]
) -> None:
    estimate = weighed_whole(written.spread).objects(None, variables)
    assume(estimate <= 1000)
    assert made(written.spread, variables) <= estimate


def test_running_a_document_without_merging_makes_exactly_the_estimate() -> None:
    text = (
        "query ($n: Int = 3) { viewer { badges { name } } nodes(ids: [1, 2]) { id } everyone { nodes { id } }"
        " houses(first: $n) { pageInfo { hasNextPage } edges { node { ...A } } } }"
        " fragment A on House { rooms(last: 4) { nodes { creator { id } house { name } } } }"
    )
    for variables, objects in (
        ({}, 11 + 2 + 50 + 3 * (1 + 4 * 3)),
        ({"n": 7}, 11 + 2 + 50 + 7 * (1 + 4 * 3)),
    ):
        assert weighed(text).objects(None, variables) == made(text, variables) == objects


def made(text: str, variables: dict[str, Any]) -> int:
    """Run a document where every page is full, and count the objects that its resolvers return."""
    objects = 0

    def resolve(source: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
        nonlocal objects
        named, several = get_named_type(info.return_type), is_list_type(get_nullable_type(info.return_type))
        if is_leaf_type(named):
            return 1
        if info.parent_type.name.endswith(("Connection", "Edge")):
            return ["object"] * source if several else source
        size = 1
        if named.name.endswith("Connection"):
            size = arguments.get("first") or arguments.get("last") or 50
        elif several:
            size = len(arguments["ids"]) if "ids" in arguments else 10
        objects += size
        return ["object"] * size if several else size

    result = execute_sync(
        SCHEMA,
        parse(text),
        variable_values=variables,
        field_resolver=resolve,
        type_resolver=lambda *_: "User",
    )
    assert result.errors is None
    return objects


def weighed_whole(text: str) -> Weighed:
    return weigh(SCHEMA, parse(text), credentials=CREDENTIALS)
