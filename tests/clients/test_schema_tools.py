"""The tools that clients are built with, on the printed schema: Relay's compiler and GraphQL Code Generator."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from chatgraph.schema.schema import print_schema
from tests.cast import Cast
from tests.clients.node import HERE, Failed, run

pytestmark = pytest.mark.tools


def project(folder: str, tmp_path: Path) -> Path:
    """Lay out a client's project: what stands in *folder*, the schema, and the Node packages."""
    made = tmp_path / folder
    shutil.copytree(HERE / folder, made)
    (made / "schema.graphql").write_text(print_schema(), "utf-8")
    (made / "made").mkdir()
    (made / "node_modules").symlink_to(HERE / "node_modules")
    return made


@pytest.fixture
def relay(tmp_path: Path) -> Path:
    return project("relay", tmp_path)


@pytest.fixture
def codegen(tmp_path: Path) -> Path:
    return project("codegen", tmp_path)


async def compile_relay(relay: Path) -> tuple[str, dict[str, str]]:
    """Compile; give what was printed, and the operations by their names."""
    printed = await run("node_modules/.bin/relay-compiler", "relay.config.json", cwd=relay)
    texts = json.loads((relay / "operations.json").read_text("utf-8")).values()
    return printed, {text.split(maxsplit=2)[1].partition("(")[0]: text for text in texts}


def complaints(printed: str) -> list[str]:
    return [line for line in printed.splitlines() if "warn" in line.lower() or "error" in line.lower()]


async def test_relay_compiles_connections_and_refetches_without_a_complaint(relay: Path) -> None:
    printed, operations = await compile_relay(relay)
    assert complaints(printed) == []
    assert operations.keys() == {
        "HousesQuery",
        "HousesPaginationQuery",
        "HouseRefetchQuery",
        "RoomsPaginationQuery",
        "RoomsCreateMutation",
        "RoomsDeleteMutation",
        "TalksQuery",
        "TalksPaginationQuery",
        "TalksPostMutation",
    }
    assert '"plural": true' in (relay / "made/Talks_talks.graphql.ts").read_text("utf-8")


@pytest.mark.parametrize("convention", ["hasPreviousPage: ", "startCursor: ", "cursor: ", "node: ", "id: "])
async def test_relay_refuses_a_schema_without_its_conventions(relay: Path, convention: str) -> None:
    schema = (relay / "schema.graphql").read_text("utf-8")
    assert f"\n  {convention}" in schema
    (relay / "schema.graphql").write_text(
        schema.replace(f"\n  {convention}", f"\n  my_{convention}"), "utf-8"
    )
    with pytest.raises(Failed, match="Compilation failed"):
        await compile_relay(relay)


async def test_the_server_answers_what_relay_compiled(relay: Path, cast: Cast) -> None:
    _, operations = await compile_relay(relay)

    async def ask(operation: str, **variables: Any) -> Any:
        return await cast.ada.ask(operations[operation], **variables)

    house = await cast.ada.create_house()
    opened = await ask("RoomsCreateMutation", input={"houseId": house, "title": "Hall"})
    room = opened["createRoom"]["room"]["id"]
    for number in range(1, 6):
        await ask("TalksPostMutation", input={"roomId": room, "content": f"talk {number}"})

    houses = (await ask("HousesQuery"))["houses"]["edges"]
    assert house in [edge["node"]["id"] for edge in houses]
    assert (await ask("HousesPaginationQuery", cursor=houses[-1]["cursor"]))["houses"]["edges"] == []
    assert (await ask("HouseRefetchQuery", id=house))["node"]["viewerRole"] == "OWNER"
    rooms = (await ask("RoomsPaginationQuery", id=house))["node"]["rooms"]["edges"]
    assert [edge["node"]["title"] for edge in rooms] == ["Hall"]
    talks = (await ask("TalksQuery", room=room))["node"]["talks"]["edges"]
    assert [edge["node"]["seq"] for edge in talks] == [1, 2, 3, 4, 5]
    older = await ask("TalksPaginationQuery", id=room, last=2, before=talks[3]["cursor"])
    assert [edge["node"]["seq"] for edge in older["node"]["talks"]["edges"]] == [2, 3]
    assert await ask("RoomsDeleteMutation", input={"roomId": room}) == {"deleteRoom": {"roomId": room}}


async def test_codegen_types_the_schema_and_its_operations_without_a_complaint(codegen: Path) -> None:
    printed = await run("node_modules/.bin/graphql-codegen", cwd=codegen)
    assert complaints(printed) == []
    made = (codegen / "made/chat.ts").read_text("utf-8")
    assert "BigInt: { input: number; output: number; }" in made
    assert "id: string, seq: number, content?: string | null, createTime: string" in made
    assert "{ __typename: 'House', visibility: Visibility, viewerRole?: Role | null, id: string }" in made


async def test_codegen_refuses_an_operation_that_the_schema_does_not_have(codegen: Path) -> None:
    (codegen / "wrong.graphql").write_text("query Wrong { rooms { nodes { titel } } }", "utf-8")
    with pytest.raises(Failed, match='Cannot query field "titel" on type "Room"'):
        await run("node_modules/.bin/graphql-codegen", cwd=codegen)
