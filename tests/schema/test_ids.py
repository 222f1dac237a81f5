"""Global ids: what finds a node, what is no id, and that the unseen and the unknown can't be told apart."""

import base64
from typing import Any

import pytest

from tests.cast import Actor, Cast, Refused
from tests.schema.askings import KINDS, NEVER, documents_for
from tests.schema.nodes import LOOKUPS, database_id, make_nodes

pytestmark = pytest.mark.asyncio(loop_scope="module")


def made_up(noun: str, key: object = NEVER) -> str:
    return base64.b64encode(f"{noun}:{key}".encode()).decode()


async def find(actor: Actor, node_id: Any, field: str = "node") -> dict[str, Any]:
    """Look a node up by a variable."""
    document = f"query($id: ID!) {{ {field}(id: $id) {{ __typename id databaseId }} }}"
    return (await actor.ask(document, id=node_id))[field]


async def test_each_node_is_found_by_its_id(company: Cast) -> None:
    nodes = await make_nodes(company)
    assert sorted(nodes) == KINDS
    for kind, node_id in nodes.items():
        found = await find(company.ada, node_id)
        assert (found["__typename"], found["id"]) == (kind, node_id)
        assert type(found["databaseId"]) is int
    for field, kind in LOOKUPS.items():
        assert (await find(company.ada, nodes[kind], field))["id"] == nodes[kind]


async def test_the_same_number_of_two_types_is_two_nodes(company: Cast) -> None:
    for kind in ("User", "House"):
        assert (await find(company.ada, made_up(kind, 1)))["__typename"] == kind


async def test_an_id_holds_its_type_and_the_number_that_the_rest_door_gives(company: Cast) -> None:
    for kind, node_id in (await make_nodes(company)).items():
        assert node_id == made_up(kind, await database_id(company.ada, node_id))


@pytest.mark.parametrize("field", LOOKUPS)
async def test_an_id_of_another_type_is_refused(company: Cast, field: str) -> None:
    for kind, node_id in (await make_nodes(company)).items():
        if kind == LOOKUPS[field]:
            continue
        with pytest.raises(Refused) as refused:
            await find(company.ada, node_id, field)
        assert (refused.value.code, refused.value.field) == ("BAD_USER_INPUT", "id")


MALFORMED = {
    "empty": "",
    "blank": " ",
    "text": "Engine",
    "a database id": 1,
    "a database id as text": "1",
    "four digits, which base64 takes": "1234",
    "negative": -1,
    "zero": 0,
    "2^70": 2**70,
    "a whole float": 1.0,
    "base64 of nothing": "====",
    "as much as a body takes": "A" * 200_000,
    "not ASCII": "屋子",
    "a control character": "SG91c2U6MQ==\0",
    "a line end": "SG91c2U6MQ==\n",
    "padding left out": "SG91c2U6MQ",
    "no type": made_up("", 1),
    "a type alone": base64.b64encode(b"House").decode(),
    "a type of nothing": made_up("Mouse", 1),
    "a type of another case": made_up("house", 1),
    "an interface": made_up("Node", 1),
    "key zero": made_up("House", 0),
    "a negative key": made_up("House", -1),
    "a leading zero": made_up("House", "01"),
    "a fractional key": made_up("House", 1.5),
    "a key past 63 bits": made_up("House", 2**63),
    "a key of 2^70": made_up("House", 2**70),
    "a key of 5000 digits": made_up("House", "9" * 5000),
    "a key of other digits": made_up("House", "１"),
    "a key with an underscore": made_up("House", "1_0"),
    "SQL": made_up("House", "1 OR 1=1"),
    "a cursor": made_up("houses", 1),
}


@pytest.mark.parametrize("name", MALFORMED)
async def test_what_is_no_id_is_refused(company: Cast, name: str) -> None:
    for field in ("node", *LOOKUPS):
        with pytest.raises(Refused) as refused:
            await find(company.ada, MALFORMED[name], field)
        assert (refused.value.code, refused.value.field) == ("BAD_USER_INPUT", "id")
        assert len(str(refused.value.errors)) < 1000, "the answer repeats what was sent"


@pytest.mark.parametrize("value", [None, 1.5, True, [], {}, [["x"]]])
async def test_a_variable_that_is_no_id_at_all_is_refused_by_its_name(company: Cast, value: object) -> None:
    with pytest.raises(Refused) as refused:
        await find(company.ada, value)
    assert (refused.value.code, refused.value.field) == ("BAD_USER_INPUT", "id")


async def test_a_node_has_one_spelling_of_its_id(company: Cast) -> None:
    await make_nodes(company, "PUBLIC")
    assert base64.b64decode("SG91c2U6MR==") == base64.b64decode("SG91c2U6MQ==") == b"House:1"
    with pytest.raises(Refused):
        await find(company.ada, "SG91c2U6MR==")


async def test_what_never_was_is_not_found(company: Cast) -> None:
    for kind in KINDS:
        for key in (NEVER, 2**63 - 1):
            with pytest.raises(Refused) as refused:
                await find(company.ada, made_up(kind, key))
            assert refused.value.code == "NOT_FOUND"


async def told(actor: Actor, document: str, node_id: str) -> object:
    """Everything that an answer tells, headers included, but for what differs between any two answers."""
    response = await actor.post(document, {"id": node_id})
    headers = {name for name in response.headers if name not in ("date", "x-request-id")}
    return response.status_code, headers, response.text.replace(node_id, "ID")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "User"])
async def test_the_unseen_and_the_unknown_get_the_same_answer(company: Cast, kind: str) -> None:
    nodes = await make_nodes(company, "PRIVATE")
    assert (await find(company.ada, nodes[kind]))["id"] == nodes[kind]
    banned = await company.newcomer()
    await company.ada.ban(banned, nodes["House"])
    for actor in (company.cleo, banned):
        for document in documents_for(kind, actor.id):
            answer = await told(actor, document, nodes[kind])
            assert answer == await told(actor, document, made_up(kind)), document
            assert "NOT_FOUND" in str(answer) or "BAD_USER_INPUT" in str(answer), document


async def test_of_many_nodes_each_stands_in_its_place_and_what_is_not_found_is_null(company: Cast) -> None:
    nodes = await make_nodes(company, "PUBLIC")
    hidden = await company.ben.create_house("Attic", "PRIVATE")
    ids = [nodes["Talk"], hidden, nodes["House"], made_up("Room"), nodes["Talk"], "garbage", nodes["User"]]
    body = (await company.ada.post("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ids})).json()
    given = [node and node["id"] for node in body["data"]["nodes"]]
    assert given == [ids[0], None, ids[2], None, ids[4], None, ids[6]]
    assert [(error["path"], error["extensions"]["code"]) for error in body["errors"]] == [
        (["nodes", 1], "NOT_FOUND"),
        (["nodes", 3], "NOT_FOUND"),
        (["nodes", 5], "BAD_USER_INPUT"),
    ]


async def test_at_most_100_nodes_are_looked_up_at_once(company: Cast) -> None:
    house = (await make_nodes(company))["House"]
    document = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    assert len((await company.ada.ask(document, ids=[house] * 100))["nodes"]) == 100
    assert (await company.ada.ask(document, ids=[]))["nodes"] == []
    with pytest.raises(Refused) as refused:
        await company.ada.ask(document, ids=[house] * 101)
    assert (refused.value.code, refused.value.field) == ("BAD_USER_INPUT", "ids")


async def test_an_id_means_nothing_new_after_its_node_was_deleted(company: Cast) -> None:
    nodes = await make_nodes(company)
    await company.ada.do("deleteHouse", "houseId", houseId=nodes["House"])
    others = await make_nodes(company)
    for kind in set(KINDS) - {"User", "Session"}:
        assert others[kind] != nodes[kind]
        with pytest.raises(Refused) as refused:
            await find(company.ada, nodes[kind])
        assert refused.value.code == "NOT_FOUND"
