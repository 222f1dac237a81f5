"""The table has a row for everything that can be called, none for what can't, and follows the law it refines."""

from collections.abc import Callable

import pytest
from graphql import GraphQLSchema, build_client_schema, extend_schema, get_introspection_query, parse

from chatgraph.schema.schema import SCHEMA
from rest_compat.endpoints import ENDPOINTS, Endpoint
from rest_compat.reading import id_of
from tests.permissions.documents import needed_rows
from tests.permissions.law import LAW, follows
from tests.permissions.scene import Scene
from tests.permissions.table import TABLE, TEXT, Row, read_table

INTROSPECTION = get_introspection_query(descriptions=False)


def without_rows(schema: GraphQLSchema, endpoints: list[Endpoint], table: dict[str, Row] = TABLE) -> set[str]:
    """Name what can be called and has no row."""
    return needed_rows(schema, endpoints) - set(table)


def of_nothing(schema: GraphQLSchema, endpoints: list[Endpoint], table: dict[str, Row] = TABLE) -> set[str]:
    """Name the rows of what can't be called. A mutation may have more than one, which say in parentheses when."""
    needed = needed_rows(schema, endpoints)
    return {
        row.key
        for row in table.values()
        if (row.key.partition("(")[0] if row.section == "Mutation" else row.key) not in needed
    }


@pytest.mark.asyncio(loop_scope="package")
async def test_whatever_the_running_server_offers_has_a_row(scene: Scene) -> None:
    offered = build_client_schema(await scene.actors["ME"].ask(INTROSPECTION))  # type: ignore[arg-type]
    assert without_rows(offered, ENDPOINTS) == set()
    assert of_nothing(offered, ENDPOINTS) == set()


EXTENSIONS = {
    "extend type Query { secrets: [String!]! }": "Query.secrets",
    "extend type Query { latest(houseId: ID): Room }": "Query.latest(houseId)",
    "extend type Mutation { explode: Boolean }": "Mutation.explode",
    "extend type Room { spies: [User!]! }": "Room.spies",
    "extend type House { talkCount: Int }": "House.talkCount",
    "type Note implements Node { id: ID! databaseId: BigInt! text: String! }": "Query.node(Note)",
    "type Badge { name: String! } extend type User { badge: Badge }": "Badge.name",
}


@pytest.mark.parametrize(("extension", "key"), EXTENSIONS.items())
def test_what_is_new_in_the_schema_is_missed_in_the_table(extension: str, key: str) -> None:
    assert key in without_rows(extend_schema(SCHEMA._schema, parse(extension)), ENDPOINTS)


def test_a_payload_that_is_given_elsewhere_too_is_noticed() -> None:
    extended = extend_schema(SCHEMA._schema, parse("extend type Query { first: PostTalkPayload }"))
    with pytest.raises(ValueError, match="PostTalkPayload is returned by"):
        needed_rows(extended, ENDPOINTS)


def test_a_new_path_is_missed_in_the_table() -> None:
    added = Endpoint("GET", "spy/list", [id_of("Room", "room", "roomId")], lambda _: {})
    assert without_rows(SCHEMA._schema, [*ENDPOINTS, added]) == {"GET spy/list", "GET spy/list?room"}


@pytest.mark.parametrize(
    "key", ["House.rooms", "Query.node(Ban)", "Mutation.postTalk", "GET room/list?house_id"]
)
def test_a_row_that_is_taken_away_is_missed(key: str) -> None:
    fewer = {name: row for name, row in TABLE.items() if name != key}
    assert without_rows(SCHEMA._schema, ENDPOINTS, fewer) == {key}


@pytest.mark.parametrize(
    "line", ["House cellars", "Query node(Cellar)", "Mutation burnHouse(at night)", "GET cellar/list"]
)
def test_a_row_for_what_is_gone_is_noticed(line: str) -> None:
    cells = " | ".join(["y " * 7] * 2)
    more = TABLE | read_table(f"{line} | {cells}")
    assert len(of_nothing(SCHEMA._schema, ENDPOINTS, more)) == 1


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda text: text + "Query viewer | " + " | ".join(["y " * 7] * 2), "two rows"),
        (lambda text: text + "Query other | y y y y y y | y y y y y y y", "shorter"),
    ],
)
def test_a_table_that_is_not_whole_is_refused(spoil: Callable[[str], str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_table(spoil(TEXT))


@pytest.mark.parametrize(("law", "keys"), LAW.items())
def test_each_row_follows_the_law(law: str, keys: str) -> None:
    for key in keys.split(", "):
        assert follows(law, TABLE[key]) == [], key


def test_a_row_that_bends_the_law_is_noticed() -> None:
    law, keys = next(iter(LAW.items()))
    row = TABLE[keys.split(", ")[0]]
    bent = row._replace(cells=row.cells | {("private", "NM"): "y"})
    assert follows(law, bent) == ["NM in the private world: the law says 0, the table y"]


def test_who_is_deactivated_gets_401_wherever_anonymous_does() -> None:
    for row in TABLE.values():
        for world in ("public", "private"):
            if row.cells[world, "AN"] == "401":
                assert row.cells[world, "DE"] == "401", row.key
