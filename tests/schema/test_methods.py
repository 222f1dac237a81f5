"""Methods of `/graphql`, what of its answers a client accepts, and whose pages may call it."""

import json

import pytest

from tests.cast import Cast
from tests.conftest import Server
from tests.schema.wire import send

pytestmark = pytest.mark.asyncio(loop_scope="module")

GRAPHQL_JSON = "application/graphql-response+json"
VIEWER = "{ viewer { username } }"
WRITE = 'mutation { createHouse(input: {name: "Engine"}) { house { id } } }'
FOREIGN = "https://elsewhere.example"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_other_methods_are_not_allowed(company: Cast, method: str) -> None:
    response = await company.http.request(method, "/graphql", json={"query": VIEWER})
    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")
    assert response.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize("method", ["TRACE", "BREW"])
async def test_unheard_of_methods_are_not_allowed_either(standing: Server, method: str) -> None:
    answer = await send(standing.url, f"{method} /graphql HTTP/1.1\nHost: a\nConnection: close")
    assert answer.status in (400, 405)


async def test_head_has_nothing_to_tell(company: Cast) -> None:
    assert (await company.http.head("/graphql", params={"query": VIEWER})).status_code == 405


async def test_a_query_can_be_asked_by_get(company: Cast) -> None:
    parameters = {
        "query": "query A($id: ID!) { house(id: $id) { name } } query B { viewer { username } }",
        "operationName": "A",
        "variables": json.dumps({"id": await company.ada.create_house("Engine")}),
        "extensions": "{}",
    }
    response = await company.http.get("/graphql", params=parameters, headers=company.ada.headers)
    assert response.json() == {"data": {"house": {"name": "Engine"}}}


async def test_get_never_writes(company: Cast) -> None:
    before = await company.ada.ask("{ houses(last: 1) { nodes { id } } }")
    for name in (None, "W"):
        document = WRITE if name is None else f"query R {VIEWER} {WRITE.replace('mutation', 'mutation W')}"
        parameters = {"query": document} | ({"operationName": name} if name else {})
        response = await company.http.get("/graphql", params=parameters, headers=company.ada.headers)
        assert (response.status_code, response.headers["allow"]) == (405, "POST")
        assert response.json()["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}
    assert await company.ada.ask("{ houses(last: 1) { nodes { id } } }") == before


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"variables": "{}"}, "query"),
        ({"query": ""}, "query"),
        ({"query": VIEWER, "variables": "{"}, "variables"),
        ({"query": VIEWER, "variables": "[]"}, "variables"),
        ({"query": VIEWER, "variables": "7"}, "variables"),
        ({"query": VIEWER, "variables": ""}, "variables"),
        ({"query": VIEWER, "variables": "[" * 10_000}, "variables"),
        ({"query": VIEWER, "extensions": "nothing"}, "extensions"),
    ],
)
async def test_get_without_a_question_is_a_bad_request(
    company: Cast, parameters: dict[str, str], field: str
) -> None:
    response = await company.http.get("/graphql", params=parameters)
    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT", "field": field}


# What is accepted.


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("application/json", "application/json"),
        ("APPLICATION/JSON", "application/json"),
        ("application/json; charset=utf-8", "application/json"),
        (GRAPHQL_JSON, GRAPHQL_JSON),
        (f"{GRAPHQL_JSON}, application/json", "application/json"),
        (f"{GRAPHQL_JSON}, application/json;q=0.9", GRAPHQL_JSON),
        (f"application/json;q=0.1, {GRAPHQL_JSON};q=0.2", GRAPHQL_JSON),
        (f"*/*;q=0.1, {GRAPHQL_JSON}", GRAPHQL_JSON),
        (f"application/json;q=0, {GRAPHQL_JSON};q=0.1", GRAPHQL_JSON),
        ("text/html, */*;q=0.1", "application/json"),
        ("", "application/json"),
    ],
)
async def test_the_answer_is_of_the_type_that_is_welcome_most(
    company: Cast, accept: str | None, given: str
) -> None:
    request = company.http.build_request("POST", "/graphql", json={"query": VIEWER})
    del request.headers["accept"]
    if accept is not None:
        request.headers["accept"] = accept
    response = await company.http.send(request)
    assert (response.status_code, response.headers["content-type"]) == (200, given)
    assert response.json() == {"data": {"viewer": None}}


@pytest.mark.parametrize(
    "accept",
    ["text/html", "text/*", "image/png", "application/json;q=0", "*/*;q=0", "json", "application/xml, a/b"],
)
async def test_where_no_type_is_welcome_nothing_is_done(company: Cast, accept: str) -> None:
    before = await company.ada.ask("{ houses(last: 1) { nodes { id } } }")
    response = await company.ada.post(WRITE, Accept=accept)
    assert response.status_code == 406
    assert response.json()["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT"}
    assert await company.ada.ask("{ houses(last: 1) { nodes { id } } }") == before


@pytest.mark.parametrize("accept", ["text/html", "text/html,application/xhtml+xml,*/*;q=0.8"])
async def test_a_browser_gets_graphiql(company: Cast, accept: str) -> None:
    response = await company.http.get("/graphql", headers={"Accept": accept})
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in response.headers["content-security-policy"]


async def test_a_browser_that_asks_something_gets_no_page(company: Cast) -> None:
    response = await company.http.get("/graphql", params={"query": VIEWER}, headers={"Accept": "text/html"})
    assert response.status_code == 406
