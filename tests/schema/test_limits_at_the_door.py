"""What is too much is refused at the door, over HTTP, at once and in a sentence."""

import time

import httpx
import pytest
from graphql import build_client_schema, get_introspection_query, print_schema

from chatgraph.schema.schema import SCHEMA
from tests.cast import Cast, Refused
from tests.conftest import Server
from tests.schema.conftest import Stand

pytestmark = pytest.mark.asyncio(loop_scope="module")

INVALID, PARSE = "GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED"
AT_ONCE = 0.5  # seconds that this process works; others may keep it waiting


def deep(levels: int) -> str:
    """A valid document of so many levels."""
    text = "id"
    for level in range(levels - 1, 1, -1):
        text = f"rooms(first: 1) {{ nodes {{ {text} }} }}" if level % 2 == 0 else f"house {{ {text} }}"
    return f'{{ house(id: "SG91c2U6MQ==") {{ {text} }} }}'


def bomb(power: int) -> str:
    """A document of a few lines that stands for 2^power fields."""
    fragments = " ".join(f"fragment F{n} on User {{ ...F{n + 1} ...F{n + 1} }}" for n in range(power))
    return f"{{ viewer {{ ...F0 }} }} {fragments} fragment F{power} on User {{ a: id b: id }}"


def tries(count: int) -> str:
    attempt = 'login(input: {username: "ada", password: "guess"}) { expiresIn }'
    return f"mutation {{ {' '.join(f'a{n}: {attempt}' for n in range(count))} }}"


ASKED = "query($n: Int, $m: Int) { houses(first: $n) { nodes { rooms(last: $m) { nodes { talks { nodes { id } } } } } } }"

# What is refused, with the code and a word of the sentence; the second is what is just not too much.
TOO_MUCH: dict[str, tuple[str, str, str, str]] = {
    "levels": (deep(11), deep(10), INVALID, "11 levels deep; at most 10"),
    "aliases": (
        "{ viewer { " + " ".join(f"a{n}: id" for n in range(16)) + " } }",
        "{ viewer { " + " ".join(f"a{n}: id" for n in range(14)) + " b: __typename } }",
        INVALID,
        "16 aliases; at most 15",
    ),
    "a long alias": (
        "{ viewer { " + "a" * 101 + ": id } }",
        "{ viewer { " + "a" * 100 + ": id } }",
        INVALID,
        "an alias of 101 characters; at most 100",
    ),
    "aliases of __typename": (
        "{ " + " ".join(f"a{n}: __typename" for n in range(16)) + " }",
        "{ " + " ".join(f"a{n}: __typename" for n in range(10)) + " }",
        INVALID,
        "16 aliases; at most 15",
    ),
    "directives": (
        "{ viewer { id " + " ".join("... @include(if: true) { id }" for _ in range(11)) + " } }",
        "{ viewer { id " + " ".join("... @include(if: true) { id }" for _ in range(10)) + " } }",
        INVALID,
        "11 directives; at most 10",
    ),
    "root fields": (
        "{ " + "viewer { id } " * 11 + "}",
        "{ " + "viewer { id } " * 10 + "}",
        INVALID,
        "11 root fields; at most 10",
    ),
    "tokens": (
        "{ nodes(ids: [" + "1 " * 989 + "]) { id } }",
        "{ nodes(ids: [" + "1 " * 988 + "]) { id } }",
        PARSE,
        "1000 tokens",
    ),
    "objects": (
        "{ houses(first: 100) { nodes { rooms(first: 100) { nodes { id } } } } }",
        "{ houses(first: 50) { nodes { rooms(first: 100) { nodes { id } } } } }",
        INVALID,
        "10100 objects; at most 10000",
    ),
    "a bomb of 2^60 fields": (bomb(60), bomb(2), INVALID, "aliases; at most 15"),
}  # fmt: skip


@pytest.mark.parametrize("name", TOO_MUCH)
async def test_what_is_too_much_is_refused_at_once_and_what_is_just_not_is_taken(
    company: Cast, name: str
) -> None:
    too_much, just_not, code, said = TOO_MUCH[name]
    started = time.process_time()
    response = await company.ada.post(too_much)
    assert time.process_time() - started < AT_ONCE
    [error, *_] = response.json()["errors"]
    assert error["extensions"] == {"code": code}
    assert said in error["message"]
    assert "data" not in response.json()
    fine = (await company.ada.post(just_not)).json()
    assert not [error for error in fine.get("errors", []) if error["extensions"]["code"] in (INVALID, PARSE)]


async def test_a_password_is_tried_once_a_document(company: Cast) -> None:
    for document in (
        tries(2),
        'mutation { logout(input: {refreshToken: "x"}) { ok } ...A } fragment A on Mutation { '
        'refresh(input: {refreshToken: "x"}) { expiresIn } }',
    ):
        with pytest.raises(Refused) as refused:
            await company.stranger.ask(document)
        assert refused.value.code == INVALID
        assert "tries credentials 2 times" in refused.value.errors[0]["message"]
    with pytest.raises(Refused) as refused:
        await company.stranger.ask(tries(1))
    assert refused.value.code == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    ("variables", "fine"),
    [
        ({"n": 1, "m": 1}, True),
        ({"n": 10, "m": 10}, True),
        ({"n": 100, "m": 100}, False),
        ({"n": 100, "m": 3}, False),
        ({}, False),
        ({"n": 100.0, "m": 100.0}, False),
        ({"n": 1}, True),
    ],
)
async def test_pages_are_weighed_by_their_variables(
    company: Cast, variables: dict[str, object], fine: bool
) -> None:
    if fine:
        assert "houses" in await company.ada.ask(ASKED, **variables)
        return
    started = time.process_time()
    with pytest.raises(Refused) as refused:
        await company.ada.ask(ASKED, **variables)
    assert time.process_time() - started < AT_ONCE
    assert refused.value.code == INVALID
    assert "objects; at most 10000" in refused.value.errors[0]["message"]


async def test_the_same_text_is_weighed_anew_for_other_variables(company: Cast) -> None:
    for variables, fine in (
        ({"n": 1, "m": 1}, True),
        ({"n": 100, "m": 100}, False),
        ({"n": 1, "m": 1}, True),
    ):
        response = await company.ada.post(ASKED, variables)
        assert ("errors" not in response.json()) == fine


async def test_at_most_five_errors_are_told(company: Cast) -> None:
    response = await company.stranger.post("{ " + " ".join(f"nothing{n}" for n in range(9)) + " }")
    assert 0 < len(response.json()["errors"]) <= 5
    response = await company.stranger.post(
        "query("
        + " ".join(f"$v{n}: Int!" for n in range(9))
        + ") { viewer { username } "
        + " ".join(
            f"... @include(if: true) {{ houses(first: $v{n}) {{ nodes {{ id }} }} }}" for n in range(1)
        )
        + " }",
        {f"v{n}": "x" for n in range(9)},
    )
    assert 0 < len(response.json()["errors"]) <= 5


# Introspection.

STANDARD = get_introspection_query(descriptions=True, input_value_deprecation=True, specified_by_url=True)


async def test_the_standard_introspection_query_gives_the_whole_schema(company: Cast) -> None:
    data = await company.stranger.ask(STANDARD)
    assert print_schema(build_client_schema(data)) == print_schema(SCHEMA._schema)  # type: ignore[arg-type]


async def test_introspection_that_goes_round_in_circles_is_refused(company: Cast) -> None:
    with pytest.raises(Refused) as refused:
        await company.stranger.ask(
            "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }"
        )
    assert refused.value.code == INVALID


async def test_one_setting_hides_the_schema_and_graphiql(stand: Stand) -> None:
    async with stand(introspection=False) as server, httpx.AsyncClient(base_url=server.url) as http:
        for document in (STANDARD, "{ __schema { types { name } } }", '{ __type(name: "User") { name } }'):
            body = (await http.post("/graphql", json={"query": document})).json()
            assert body["errors"][0]["extensions"] == {"code": INVALID}
            assert "data" not in body
        page = await http.get("/graphql", headers={"Accept": "text/html"})
        assert (page.status_code, page.headers["content-type"]) == (406, "application/json")
        assert (await http.get("/graphql/assets/boot.js")).status_code == 404
        names = await http.post("/graphql", json={"query": "{ __typename viewer { __typename } }"})
        assert names.json() == {"data": {"__typename": "Query", "viewer": None}}


async def test_a_hidden_schema_is_not_told_piece_by_piece_in_suggestions(stand: Stand) -> None:
    async with stand(introspection=False) as server, httpx.AsyncClient(base_url=server.url) as http:
        for document in (
            "{ hose(id: 1) { name } }",
            "{ viewer { usernam } }",
            "{ viewer { ... on Usr { id } } }",
        ):
            body = (await http.post("/graphql", json={"query": document})).json()
            assert "Did you mean" not in body["errors"][0]["message"]


async def test_a_name_with_a_slip_is_suggested(standing: Server, company: Cast) -> None:
    with pytest.raises(Refused) as refused:
        await company.stranger.ask("{ viewer { usernam } }")
    assert refused.value.errors[0]["message"].endswith("Did you mean 'username'?")
