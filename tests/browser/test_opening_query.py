"""The lesson that GraphiQL opens with: each of its operations runs as it stands."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from chatgraph.schema import graphiql
from chatgraph.schema.documents import Documents
from chatgraph.schema.schema import SCHEMA
from tests.cast import Actor, Refused
from tests.conftest import Server


def lesson() -> str:
    boot = (Path(graphiql.__file__).parent / "boot.js").read_text("utf-8")
    return boot.split("defaultQuery = `")[1].split("`")[0]


@pytest.fixture
async def newcomer(server: Server) -> AsyncIterator[Actor]:
    """Somebody who has just opened GraphiQL."""
    async with httpx.AsyncClient(base_url=server.url, timeout=30) as http:
        yield Actor(http, "")


async def follow(newcomer: Actor, operation: str) -> dict:
    """Run one operation of the lesson, which is sent whole, as GraphiQL does."""
    body = {"query": lesson(), "operationName": operation}
    response = await newcomer.http.post("/graphql", json=body, headers=newcomer.headers)
    answer = response.json()
    if "errors" in answer:
        raise Refused(answer["errors"], response.status_code)
    return answer["data"]


def test_the_lesson_is_valid_and_within_its_limits() -> None:
    documents = Documents(SCHEMA._schema)
    assert documents.prepare(lesson()).errors == []
    assert documents.prepare(lesson().replace("title", "titel")).errors != []


async def test_the_lesson_leads_a_newcomer_from_nothing_to_a_house(newcomer: Actor) -> None:
    assert (await follow(newcomer, "Register"))["register"]["user"]["username"] == "ada"
    newcomer.token = (await follow(newcomer, "Login"))["login"]["accessToken"]
    assert (await follow(newcomer, "Houses"))["houses"]["nodes"] != []


async def test_the_lesson_needs_its_second_step_before_its_last(newcomer: Actor) -> None:
    with pytest.raises(Refused) as refused:
        await follow(newcomer, "Houses")
    assert refused.value.code == "UNAUTHENTICATED"
