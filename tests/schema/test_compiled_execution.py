"""What is executed compiled is what graphql-core gives: the setting changes the time it takes, and nothing else."""

import pytest
from graphql import get_introspection_query

from chatgraph.schema.graph import Graph, Question
from tests.cast import Actor, Cast
from tests.conftest import Server

pytestmark = pytest.mark.asyncio(loop_scope="module")

TALK = "id databaseId seq content createTime removeTime creator { username displayName } viewerCan"
DOCUMENTS = {
    "a page": f"query ($room: ID!) {{ room(id: $room) {{ talks(last: 3) {{ edges {{ cursor node {{ {TALK} }} }} pageInfo {{ hasPreviousPage startCursor }} }} }} }}",
    "lists in lists": f"{{ houses(first: 5) {{ nodes {{ name memberCount cursor rooms(first: 5) {{ nodes {{ title house {{ name }} talks(first: 5) {{ nodes {{ {TALK} room {{ title }} }} }} }} }} members(first: 5) {{ nodes {{ role online user {{ username }} }} }} }} }} }}",
    "nodes of several kinds": "query ($room: ID!) { nodes(ids: [$room, $room, \"VXNlcjox\", \"Um9vbTo5OTk=\"]) { __typename id ... on Room { title } ... on User { username } } }",
    "what is not found": 'query ($room: ID!) { room(id: $room) { title } other: room(id: "Um9vbTo5OTk=") { title } }',
    "what is forbidden": "query ($house: ID!) { house(id: $house) { name auditLog { nodes { act } } bans { nodes { id } } } }",
    "what is skipped": "query ($room: ID!, $no: Boolean = false) { room(id: $room) { title @include(if: $no) topic @skip(if: $no) ...R } } fragment R on Room { lastSeq }",
    "a wrong argument": "query ($room: ID!) { room(id: $room) { talks(first: 1000) { nodes { id } } } viewer { username } }",
}  # fmt: skip


async def ask(server: Server, actor: Actor, graph: Graph, question: Question) -> dict[str, object]:
    async with server.chat.visit(server.chat.recognise(actor.token, None, "")) as visit:
        return (await graph.ask(visit, question)).body()


@pytest.fixture(scope="module")
def variables() -> dict[str, str]:
    return {}


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_both_ways_of_executing_give_the_same_and_nothing_is_left_to_the_slow_one(
    standing: Server, company: Cast, variables: dict[str, str], name: str
) -> None:
    if not variables:
        variables["house"] = await company.ada.create_house()
        variables["room"] = await company.ada.create_room(variables["house"])
        for actor in (company.ada, company.ben, company.ada, company.ben):
            await actor.post_talk(variables["room"])
    asked = {key: value for key, value in variables.items() if f"${key}:" in DOCUMENTS[name]}
    question = Question(DOCUMENTS[name], None, asked)
    compiled, core = Graph(), Graph(compiled=False)
    for actor in (company.ada, company.ben, company.cleo):
        given = await ask(standing, actor, compiled, question)
        assert given == await ask(standing, actor, core, question)
        assert "data" in given
    assert not compiled.fallbacks
    assert core.fallbacks == {"compilation is off": 3}


async def test_the_schema_tells_of_itself_alike(standing: Server, company: Cast) -> None:
    question = Question(get_introspection_query())
    told = [await ask(standing, company.ada, graph, question) for graph in (Graph(), Graph(compiled=False))]
    assert told[0] == told[1]
