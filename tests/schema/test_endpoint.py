"""`/graphql` over HTTP: whatever is sent gets a clear answer in JSON, and never a 500."""

import json
from typing import Any

import pytest

from tests.cast import Cast
from tests.schema.answers import GRAPHQL_JSON, first_error

pytestmark = pytest.mark.asyncio(loop_scope="module")

ASK = {"query": "{ viewer { username } }"}
TWO = "query A { viewer { id } } query B { viewer { username } }"
IDS = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
FIRST = "query($first: Int) { houses(first: $first) { nodes { id } } }"
BAD, PARSE, INVALID = "BAD_USER_INPUT", "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"


# Bodies in which there is no question: 400, whatever is accepted.

NO_QUESTION = {
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
    "a batch": json.dumps([ASK, ASK]).encode(),
    "a number": b"7",
    "a boolean": b"true",
    "a string": b'"{ viewer { id } }"',
    "half of it": b'{"query": "{ viewer { id } }"',
    "two of them": json.dumps(ASK).encode() * 2,
    "a byte order mark": b"\xef\xbb\xbf" + json.dumps(ASK).encode(),
    "UTF-16": json.dumps(ASK).encode("utf-16"),
    "invalid UTF-8": b'{"query": "{ viewer { id } } #\xff"}',
    "UTF-8 of a surrogate": b'{"query": "{ viewer { id } } #\xed\xa0\x80"}',
    "NaN": b'{"query": "{ viewer { id } }", "variables": {"a": NaN}}',
    "a lone surrogate in the query": rb'{"query": "{ viewer { id } } #\ud800"}',
    "a lone surrogate in the name": rb'{"query": "{ viewer { id } }", "operationName": "\udfff"}',
    "a lone surrogate in a variable": rb'{"query": "{ viewer { id } }", "variables": {"a": "\ud800"}}',
    "a lone surrogate in a variable's name": rb'{"query": "{ viewer { id } }", "variables": {"\ud800": 1}}',
    "lists 100 000 deep": b"[" * 100_000,
    "lists 100 000 deep and closed": b"[" * 100_000 + b"]" * 100_000,
    "objects 20 000 deep": b'{"a":' * 20_000,
    "lists 100 000 deep in variables": b'{"query": "{ viewer { id } }", "variables": {"a": '
    + b"[" * 100_000
    + b"]" * 100_000
    + b"}}",
}  # fmt: skip


@pytest.mark.parametrize("name", NO_QUESTION)
async def test_a_body_without_a_question_is_a_bad_request(company: Cast, name: str) -> None:
    for accept in ("application/json", GRAPHQL_JSON):
        headers = {"Content-Type": "application/json", "Accept": accept}
        response = await company.http.post("/graphql", content=NO_QUESTION[name], headers=headers)
        assert response.status_code == 400
        assert first_error(response) == {"code": BAD}


WRONG_TYPES: list[tuple[str, object]] = [
    ("query", None),
    ("query", ""),
    ("query", 7),
    ("query", ["{ viewer { id } }"]),
    ("query", {"query": "{ viewer { id } }"}),
    ("query", True),
    ("variables", "{}"),
    ("variables", []),
    ("variables", 7),
    ("variables", False),
    ("operationName", 7),
    ("operationName", ["A"]),
    ("operationName", {}),
    ("extensions", "persistedQuery"),
    ("extensions", []),
]


@pytest.mark.parametrize(("field", "value"), WRONG_TYPES, ids=repr)
async def test_a_part_of_the_wrong_type_is_a_bad_request_that_names_it(
    company: Cast, field: str, value: object
) -> None:
    response = await company.http.post("/graphql", json={**ASK, field: value})
    assert response.status_code == 400
    assert first_error(response) == {"code": BAD, "field": field}


# Questions that can't be executed: 200 as application/json, 400 as graphql-response+json, as the specification says.

REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no document": ({"query": "garbage"}, PARSE),
    "blank": ({"query": " \n"}, PARSE),
    "a comment": ({"query": "# nothing"}, PARSE),
    "NUL": ({"query": "{ viewer { id } }\0"}, PARSE),
    "half": ({"query": "{ viewer {"}, PARSE),
    "a surrogate, escaped": ({"query": r'{ user(username: "\ud800") { id } }'}, PARSE),
    "a surrogate, in braces": ({"query": r'{ user(username: "\u{D800}") { id } }'}, PARSE),
    "past Unicode": ({"query": r'{ user(username: "\u{110000}") { id } }'}, PARSE),
    "braces 100 deep": ({"query": "{a" * 100 + "}" * 100}, INVALID),
    "lists 150 deep": ({"query": "{ nodes(ids: " + "[" * 150 + "]" * 150 + ") { id } }"}, INVALID),
    "lists 450 deep": ({"query": "{ nodes(ids: " + "[" * 450 + "]" * 450 + ") { id } }"}, PARSE),
    "no such field": ({"query": "{ nothing }"}, INVALID),
    "no selection": ({"query": "{ viewer }"}, INVALID),
    "a subscription": ({"query": "subscription { nothing }"}, INVALID),
    "a definition": ({"query": "type Query { a: Int }"}, INVALID),
    "a fragment": ({"query": "fragment A on User { id }"}, INVALID),
    "an endless fragment": ({"query": "{ viewer { ...A } } fragment A on User { ...A }"}, INVALID),
    "a long number": ({"query": f"{{ houses(first: {'9' * 5000}) {{ nodes {{ id }} }} }}"}, INVALID),
    "a long fraction": ({"query": f"{{ houses(first: 1.{'9' * 5000}) {{ nodes {{ id }} }} }}"}, INVALID),
    "two operations": ({"query": TWO}, BAD),
    "an empty name": ({"query": TWO, "operationName": ""}, BAD),
    "an unknown name": ({"query": TWO, "operationName": "C"}, BAD),
    "a name of one without": ({**ASK, "operationName": "A"}, BAD),
    "a missing variable": ({"query": IDS}, BAD),
    "a null variable": ({"query": IDS, "variables": {"ids": None}}, BAD),
    "a number too large": ({"query": FIRST, "variables": {"first": 2**31}}, BAD),
    "a number past 64 bits": ({"query": FIRST, "variables": {"first": 2**70}}, BAD),
    "a number that overflows": ({"query": FIRST, "variables": {"first": 1e300}}, BAD),
    "a number as a string": ({"query": FIRST, "variables": {"first": "5"}}, BAD),
    "a boolean for a number": ({"query": FIRST, "variables": {"first": True}}, BAD),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_question_that_cannot_be_executed_is_refused(company: Cast, name: str) -> None:
    question, code = REFUSED[name]
    for accept, status in (("application/json", 200), (GRAPHQL_JSON, 400)):
        response = await company.http.post("/graphql", json=question, headers={"Accept": accept})
        assert (response.status_code, response.headers["content-type"]) == (status, accept)
        assert first_error(response)["code"] == code


@pytest.mark.parametrize("digits", [25, 400, 5000, 100_000])
async def test_a_number_of_thousands_of_digits_is_refused(company: Cast, digits: int) -> None:
    for query in (FIRST, IDS.replace("[ID!]!", "ID!").replace("ids: $ids", "ids: [$ids]")):
        name = "first" if query == FIRST else "ids"
        body = b'{"query": "%b", "variables": {"%b": %b}}' % (query.encode(), name.encode(), b"9" * digits)
        response = await company.ada.http.post(
            "/graphql", content=body, headers={"Content-Type": "application/json", **company.ada.headers}
        )
        assert response.status_code in (200, 400)
        assert response.json()["errors"][0]["extensions"]["code"] == BAD
        assert len(response.content) < 2000


async def test_variables_a_thousand_levels_deep_are_refused_or_left_aside(company: Cast) -> None:
    body = b'{"query": "%b", "variables": {"ids": ' + b"[" * 1000 + b"]" * 1000 + b"}}"
    headers = {"Content-Type": "application/json"}
    response = await company.http.post("/graphql", content=body % IDS.encode(), headers=headers)
    assert first_error(response)["code"] == BAD
    response = await company.http.post("/graphql", content=body % ASK["query"].encode(), headers=headers)
    assert response.json() == {"data": {"viewer": None}}


async def test_a_refusal_is_not_many_times_longer_than_what_it_refuses(company: Cast) -> None:
    for nested in ("[" * 190 + "]" * 190, "{a: " * 190 + "1" + "}" * 190, "9" * 100_000):
        response = await company.http.post("/graphql", json={"query": f"{{ nodes(ids: {nested}) {{ id }} }}"})
        assert len(response.content) < 4000


async def test_text_that_is_not_for_people_is_refused_where_it_would_be_kept(company: Cast) -> None:
    room = await company.ada.create_room(await company.ada.create_house())
    for mutation, given in {
        "postTalk": {"roomId": room, "content": "a\0b"},
        "updateRoom": {"roomId": room, "title": "a\0b"},
        "createHouse": {"name": "a\0b"},
        "register": {"username": "a\0b", "password": "nine violet teapots"},
    }.items():
        kind = mutation[0].upper() + mutation[1:]
        document = f"mutation($input: {kind}Input!) {{ {mutation}(input: $input) {{ __typename }} }}"
        body = (await company.ada.post(document, {"input": given})).json()
        [error] = body["errors"]
        assert error["extensions"]["code"] == BAD, mutation
        assert error["extensions"]["field"] in given


async def test_words_of_every_script_come_back_as_they_were_sent(company: Cast) -> None:
    room = await company.ada.create_room(await company.ada.create_house())
    content = '你好 🏠\u200d🔥 שלום e\u0301 \U0010fffd "\\ \u2028'
    await company.ada.post_talk(room, content)
    found = await company.ada.ask(f'{{ room(id: "{room}") {{ talks {{ nodes {{ content }} }} }} }}')
    assert found["room"]["talks"]["nodes"] == [{"content": content}]
