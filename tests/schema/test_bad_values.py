"""Values that can't be taken: the caller is told which, and where."""

import json

import pytest

from tests.cast import Cast, Refused

pytestmark = pytest.mark.asyncio(loop_scope="module")

FIRST = "query($first: Int!) { houses(first: $first) { nodes { id } } }"
HOUSE = "mutation($input: CreateHouseInput!) { createHouse(input: $input) { house { id } } }"


@pytest.mark.parametrize(
    ("document", "variables", "field"),
    [
        (FIRST, {}, "first"),
        (FIRST, {"first": None}, "first"),
        (FIRST, {"first": "5"}, "first"),
        (HOUSE, {}, "input"),
        (HOUSE, {"input": {}}, "input"),
        (HOUSE, {"input": {"name": 7}}, "input"),
        (HOUSE, {"input": {"name": "Engine", "visibility": "HAUNTED"}}, "input"),
        (HOUSE, {"input": {"name": "Engine", "rooms": []}}, "input"),
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


async def test_an_error_of_a_field_says_where_it_is(company: Cast) -> None:
    body = (await company.ada.post('{ a: room(id: "x") { id } }')).json()
    [error] = body["errors"]
    assert (error["path"], error["locations"]) == (["a"], [{"line": 1, "column": 3}])
    assert json.dumps(body).count("room") == 0
