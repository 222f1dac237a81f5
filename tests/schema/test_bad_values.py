"""Values that can't be taken: the caller is told which, and where."""

import json

import pytest

from chatgraph.schema.graph import Graph, Question
from tests.cast import Cast, Refused
from tests.conftest import Server
from tests.schema.crowd import viewer_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

FIRST = "query($first: Int!) { houses(first: $first) { nodes { id } } }"
NODES = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
HOUSE = "mutation($input: CreateHouseInput!) { createHouse(input: $input) { house { id } } }"


@pytest.mark.parametrize(
    ("document", "variables", "field"),
    [
        (FIRST, {}, "first"),
        (FIRST, {"first": None}, "first"),
        (FIRST, {"first": "5"}, "first"),
        (NODES, {"ids": ["a", None]}, "ids"),
        (HOUSE, {}, "input"),
        (HOUSE, {"input": "Engine"}, "input"),
        (HOUSE, {"input": {}}, "name"),
        (HOUSE, {"input": {"name": 7}}, "name"),
        (HOUSE, {"input": {"name": "Engine", "visibility": "HAUNTED"}}, "visibility"),
        (HOUSE, {"input": {"name": "Engine", "rooms": []}}, "rooms"),
        (HOUSE, {"input": {"name": ""}}, "name"),
        (HOUSE, {"input": {"name": "a" * 101}}, "name"),
        (HOUSE, {"input": {"name": "Engine", "description": "a" * 1025}}, "description"),
    ],
)
async def test_a_value_that_cannot_be_taken_is_named(
    company: Cast, document: str, variables: dict[str, object], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        await company.ada.ask(document, **variables)
    assert (refused.value.code, refused.value.field) == ("BAD_USER_INPUT", field)


LOGIN = "mutation($input: LoginInput!) { login(input: $input) { expiresIn } }"
PASSWORD = "nine value: violet, found: teapots"


@pytest.mark.parametrize(
    "given",
    [
        PASSWORD,
        {"username": "ada", "pasword": PASSWORD},
        {"username": "ada", "password": [PASSWORD]},
        {"username": PASSWORD, "password": None},
    ],
)
async def test_what_was_sent_is_not_repeated(company: Cast, given: object) -> None:
    literal = (
        json.dumps(given).replace('"username"', "username").replace('"pas', "pas").replace('word"', "word")
    )
    for document, variables in (
        (LOGIN, {"input": given}),
        (f"mutation {{ login(input: {literal}) {{ expiresIn }} }}", {}),
    ):
        told = (await company.stranger.post(document, variables)).json()["errors"]
        said = " ".join(error["message"] for error in told)
        assert not [word for word in ("nine", "violet", "teapots", "None") if word in said]


@pytest.mark.parametrize(
    "document",
    [
        'query($id: ID = "x") { room(id: $id) { id } }',
        'query($id: ID = "x") { nodes(ids: [$id]) { id } }',
        'mutation($id: ID = "x") { postTalk(input: { roomId: $id, content: "c" }) { talk { id } } }',
    ],
)
async def test_null_in_place_of_a_default_is_no_defect(company: Cast, document: str) -> None:
    with pytest.raises(Refused) as refused:
        await company.ada.ask(document, id=None)
    assert refused.value.code == "BAD_USER_INPUT"


async def test_an_error_of_a_field_says_where_it_is(company: Cast) -> None:
    body = (await company.ada.post('{ a: room(id: "x") { id } }')).json()
    [error] = body["errors"]
    assert (error["path"], error["locations"]) == (["a"], [{"line": 1, "column": 3}])
    assert json.dumps(body).count("room") == 0


@pytest.mark.parametrize(
    "given", [{"name": "Engine", "descriptoin": ""}, {"name": "Engine", "visibility": "PUBLI"}]
)
@pytest.mark.parametrize("introspection", [True, False])
async def test_errors_suggest_names_only_where_the_schema_may_be_read(
    standing: Server, company: Cast, given: dict[str, object], introspection: bool
) -> None:
    async with standing.chat.visit(viewer_of(company.ada)) as visit:
        answer = await Graph(introspection).ask(visit, Question(HOUSE, None, {"input": given}))
    [error] = answer.errors
    assert ("Did you mean" in error["message"]) is introspection
