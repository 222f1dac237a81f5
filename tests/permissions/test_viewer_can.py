"""What clients are told they can do is what they can do: `viewerCan` says of each right what the table says."""

import pytest

from chatgraph.operations.rules import ON_HOUSES, ON_MEMBERS, ON_ROOMS, ON_TALKS
from tests.permissions.actors import is_lower
from tests.permissions.calls import expect
from tests.permissions.rights import OF_HOUSE, OF_MEMBER, OF_ROOM, OF_TALK
from tests.permissions.scene import Scene
from tests.permissions.table import TABLE, WORLDS

SIGNED_IN = ("NM", "ME", "MO", "OW", "BA")


def due(rows: dict[str, str], actor: str, world: str, *, own: bool = False, lower: bool = True) -> set[str]:
    """Give the rights that the table says an actor has; with `=` there is nothing left to do."""
    codes = {
        right: expect(TABLE[key].cells[world, actor], own=own, lower=lower) for right, key in rows.items()
    }
    return {right for right, code in codes.items() if code in ("y", "j")}


async def told(scene: Scene, actor: str, kind: str, number: int) -> set[str]:
    """Give the rights that an actor is told they have; none over what they don't see."""
    query = f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {kind} {{ viewerCan }} }} }}"
    response = await scene.actors[actor].post(query, {"ids": [scene.id_of(kind, number)]})
    [node] = response.json()["data"]["nodes"]
    return set() if node is None else set(node["viewerCan"])


def test_each_right_has_a_row() -> None:
    assert set(OF_HOUSE) | set(OF_MEMBER) == {action.name for action in ON_HOUSES}
    assert set(OF_MEMBER) == {action.name for action in ON_MEMBERS}
    assert set(OF_ROOM) == {action.name for action in ON_ROOMS}
    assert set(OF_TALK) == {action.name for action in ON_TALKS}


@pytest.mark.asyncio(loop_scope="package")
@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("actor", SIGNED_IN)
async def test_viewer_can_says_what_the_table_says(actor: str, world: str, scene: Scene) -> None:
    there = scene.worlds[world]
    assert await told(scene, actor, "House", there.house) == due(OF_HOUSE | OF_MEMBER, actor, world)
    for label in dict.fromkeys(["mel", actor]):
        own = label == actor
        assert await told(scene, actor, "Room", there.rooms[label]) == due(OF_ROOM, actor, world, own=own)
        assert await told(scene, actor, "Talk", there.talks[label]) == due(OF_TALK, actor, world, own=own)
    assert await told(scene, actor, "Talk", there.talks["removed"]) == set()
    for number, person in scene.things("Member", world):
        assert person is not None
        lower = is_lower(person, actor)
        assert await told(scene, actor, "Member", number) == due(OF_MEMBER, actor, world, lower=lower), person
