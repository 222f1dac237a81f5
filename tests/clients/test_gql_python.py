"""A client in Python: gql, unmodified, which learns the schema from the server and checks its own queries against it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from gql import Client, gql
from gql.client import AsyncClientSession
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportQueryError
from graphql import GraphQLError, GraphQLSchema

from chatgraph.schema.schema import SCHEMA
from tests.cast import PASSWORD, Cast
from tests.conftest import Server

TALKS, PAGE, AT_ONCE = 350, 100, 8

PAGE_OF_TALKS = """
query PageOfTalks($room: ID!, $first: Int, $after: String, $last: Int, $before: String) {
  room(id: $room) {
    talks(first: $first, after: $after, last: $last, before: $before) {
      edges { cursor node { id seq content } }
      pageInfo { hasPreviousPage hasNextPage startCursor endCursor }
    }
  }
}
"""


@asynccontextmanager
async def opened(server: Server, token: str | None = None) -> AsyncIterator[AsyncClientSession]:
    """Open a session of gql's, as a bearer of *token*; it fetches the schema first."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    transport = AIOHTTPTransport(f"{server.url}/graphql", headers=headers)
    async with Client(transport=transport, fetch_schema_from_transport=True, execute_timeout=30) as session:
        yield session


@pytest.fixture
async def ada(server: Server, cast: Cast) -> AsyncIterator[AsyncClientSession]:
    """Ada, in gql."""
    async with opened(server, cast.ada.token) as session:
        yield session


@pytest.fixture
async def hall(cast: Cast) -> str:
    """The id of a room in a house of Ada's."""
    return await cast.ada.create_room(await cast.ada.create_house(), "Hall")


async def ask(session: AsyncClientSession, document: str, **variables: Any) -> dict[str, Any]:
    request = gql(document)
    request.variable_values = variables
    return await session.execute(request)


async def post(session: AsyncClientSession, room: str, number: int) -> dict[str, Any]:
    """Post the talk that a number stands for: the same number is the same talk."""
    document = (
        "mutation($input: PostTalkInput!) { postTalk(input: $input) { replayed talk { id seq content } } }"
    )
    given = {"roomId": room, "content": f"talk {number}", "clientKey": f"key {number}"}
    return (await ask(session, document, input=given))["postTalk"]


async def post_all(session: AsyncClientSession, room: str) -> list[dict[str, Any]]:
    """Post all talks, several at once; give them in the order of their seq."""
    numbers = iter(range(1, TALKS + 1))

    async def write() -> list[dict[str, Any]]:
        return [(await post(session, room, number))["talk"] for number in numbers]

    written = await asyncio.gather(*(write() for _ in range(AT_ONCE)))
    return sorted((talk for talks in written for talk in talks), key=lambda talk: talk["seq"])


async def test_gql_registers_signs_in_and_refreshes(server: Server) -> None:
    given = {"username": "nora", "password": PASSWORD}
    async with opened(server) as session:
        await ask(
            session,
            "mutation($input: RegisterInput!) { register(input: $input) { user { id } } }",
            input=given,
        )
        login = "mutation($input: LoginInput!) { login(input: $input) { refreshToken } }"
        token = (await ask(session, login, input=given))["login"]["refreshToken"]
        refresh = "mutation($input: RefreshInput!) { refresh(input: $input) { accessToken refreshToken } }"
        fresh = (await ask(session, refresh, input={"refreshToken": token}))["refresh"]
    assert fresh["refreshToken"] != token
    async with opened(server, fresh["accessToken"]) as session:
        assert await ask(session, "{ viewer { username } }") == {"viewer": {"username": "nora"}}


async def test_gql_learns_the_whole_schema_by_introspection(ada: AsyncClientSession) -> None:
    learned = ada.client.schema
    assert isinstance(learned, GraphQLSchema)
    assert learned.type_map.keys() >= {name for name in SCHEMA._schema.type_map if not name.startswith("__")}


async def test_gql_refuses_a_wrong_query_before_it_is_sent(ada: AsyncClientSession) -> None:
    with pytest.raises(GraphQLError, match="Cannot query field 'titel' on type 'Room'"):
        await ask(ada, "{ rooms { nodes { titel } } }")


async def test_gql_pages_through_a_room_both_ways(ada: AsyncClientSession, hall: str) -> None:
    posted = await post_all(ada, hall)
    forwards, backwards = [], []
    window: dict[str, Any] = {"first": PAGE}
    while window:
        page = (await ask(ada, PAGE_OF_TALKS, room=hall, **window))["room"]["talks"]
        assert page["pageInfo"]["hasPreviousPage"] is bool(forwards)
        forwards += [edge["node"] for edge in page["edges"]]
        info = page["pageInfo"]
        window = {"first": PAGE, "after": info["endCursor"]} if info["hasNextPage"] else {}
    window = {"last": PAGE}
    while window:
        page = (await ask(ada, PAGE_OF_TALKS, room=hall, **window))["room"]["talks"]
        assert page["pageInfo"]["hasNextPage"] is bool(backwards)
        backwards[:0] = [edge["node"] for edge in page["edges"]]
        info = page["pageInfo"]
        window = {"last": PAGE, "before": info["startCursor"]} if info["hasPreviousPage"] else {}
    assert [talk["seq"] for talk in forwards] == list(range(1, TALKS + 1))
    assert forwards == backwards == posted


async def test_gql_retries_a_talk_without_posting_it_twice(ada: AsyncClientSession, hall: str) -> None:
    first = await post(ada, hall, 1)
    again = await post(ada, hall, 1)
    assert (first["replayed"], again["replayed"]) == (False, True)
    assert again["talk"] == first["talk"]


async def test_gql_edits_and_removes_a_talk(ada: AsyncClientSession, hall: str) -> None:
    talk = (await post(ada, hall, 1))["talk"]
    edit = "mutation($input: EditTalkInput!) { editTalk(input: $input) { talk { seq content editTime } } }"
    edited = (await ask(ada, edit, input={"talkId": talk["id"], "content": "again"}))["editTalk"]["talk"]
    remove = (
        "mutation($input: RemoveTalkInput!) { removeTalk(input: $input) { talk { seq content removeTime } } }"
    )
    tombstone = (await ask(ada, remove, input={"talkId": talk["id"]}))["removeTalk"]["talk"]
    assert (edited["seq"], edited["content"], tombstone["seq"], tombstone["content"]) == (1, "again", 1, None)
    assert edited["editTime"] < tombstone["removeTime"]


async def test_gql_raises_what_the_server_refuses_with_its_code(ada: AsyncClientSession, hall: str) -> None:
    with pytest.raises(TransportQueryError) as raised:
        await ask(ada, "query($id: ID!) { house(id: $id) { name } }", id=hall)
    assert raised.value.errors is not None
    assert raised.value.errors[0]["extensions"] == {"code": "BAD_USER_INPUT", "field": "id"}
