"""Cursors: opaque, good for one list alone, and never a way to make the server stumble."""

import base64
import itertools

import pytest

from tests.cast import Cast, Refused
from tests.schema.lists import NAMES, furnish
from tests.schema.nodes import make_nodes

pytestmark = pytest.mark.asyncio(loop_scope="module")


def forged(plain: str) -> str:
    return base64.b64encode(plain.encode()).decode()


def spoilt(cursor: str) -> list[str]:
    """Make of a good cursor those that aren't."""
    plain = base64.b64decode(cursor).decode()
    scope, _, key = plain.rpartition(":")
    keys = ["", "0", "-1", "+1", "01", " 1", "1.5", "1e3", "1\n", "１", f"{key}:{key}", "9" * 5000]
    keys += [str(2**63), str(2**70)]
    texts = [
        "",
        " ",
        "garbage",
        "💬",
        "1",
        "null",
        plain,
        f" {cursor}",
        f"{cursor}\n",
        cursor[:-1],
        "A" * 100_000,
    ]
    scopes = [f"{scope}/1/1", f"{scope}' OR 1=1 --", "", "nothing"]
    forgeries = ["", ":", scope, *(f"{scope}:{one}" for one in keys), *(f"{one}:{key}" for one in scopes)]
    return [*texts, *map(forged, forgeries)]


async def test_a_cursor_that_no_list_ever_gave_is_refused(company: Cast) -> None:
    listed = await furnish(company, "rooms of a house")
    document = f"query($cursor: String) {{ {listed.field('%s: $cursor', 'nodes { id }')} }}"
    [cursor, *_] = await listed.cursors()
    for text, argument in itertools.product(spoilt(cursor), ("after", "before")):
        with pytest.raises(Refused) as refused:
            await listed.actor.ask(document % argument, cursor=text)
        assert (refused.value.code, refused.value.field) == ("BAD_USER_INPUT", argument), text[:80]


@pytest.mark.parametrize("name", NAMES)
async def test_every_list_refuses_what_is_no_cursor(company: Cast, name: str) -> None:
    listed = await furnish(company, name)
    for text in ("", "garbage", forged("nothing:1")):
        with pytest.raises(Refused) as refused:
            await listed.page(f'last: 1, before: "{text}"')
        assert (refused.value.code, refused.value.field) == ("BAD_USER_INPUT", "before")


async def test_a_place_has_one_spelling(company: Cast) -> None:
    cursor, other = forged("houses:1"), "aG91c2VzOjF="
    assert cursor == "aG91c2VzOjE="
    assert base64.b64decode(other) == base64.b64decode(cursor)
    with pytest.raises(Refused):
        await company.ada.ask("query($after: String) { houses(after: $after) { nodes { id } } }", after=other)


async def test_a_cursor_of_another_list_is_refused(company: Cast) -> None:
    lists = {name: await furnish(company, name) for name in NAMES}
    cursors = {name: (await listed.cursors())[0] for name, listed in lists.items()}
    assert len(set(cursors.values())) == len(cursors)
    names = [*NAMES, *NAMES][: len(NAMES) + 1]
    for here, there in [*itertools.pairwise(names), *itertools.pairwise(names[::-1])]:
        with pytest.raises(Refused) as refused:
            await lists[here].page(f'first: 1, after: "{cursors[there]}"')
        assert (refused.value.code, refused.value.field) == ("BAD_USER_INPUT", "after"), (here, there)


async def test_a_cursor_of_another_room_or_house_is_refused(company: Cast) -> None:
    for name in [name for name, field in NAMES.items() if not field.startswith("Query")]:
        here, there = await furnish(company, name), await furnish(company, name)
        with pytest.raises(Refused) as refused:
            await here.page(f'last: 1, before: "{(await there.cursors())[0]}"')
        assert (refused.value.code, refused.value.field) == ("BAD_USER_INPUT", "before"), name


async def test_the_lists_of_one_house_refuse_the_cursors_of_one_another(company: Cast) -> None:
    house = (await make_nodes(company))["House"]
    lists = [field.removeprefix("House.") for field in NAMES.values() if field.startswith("House.")]
    asked = " ".join(f"{name} {{ pageInfo {{ endCursor }} }}" for name in lists)
    found = (await company.ada.ask(f'{{ house(id: "{house}") {{ {asked} }} }}'))["house"]
    for here, there in itertools.permutations(lists, 2):
        cursor = found[there]["pageInfo"]["endCursor"]
        with pytest.raises(Refused) as refused:
            await company.ada.ask(
                f'{{ house(id: "{house}") {{ {here}(after: "{cursor}") {{ nodes {{ id }} }} }} }}'
            )
        assert (refused.value.code, refused.value.field) == ("BAD_USER_INPUT", "after"), (here, there)


async def test_a_cursor_is_no_id_and_an_id_is_no_cursor(company: Cast) -> None:
    listed = await furnish(company, "rooms")
    [cursor, *_] = await listed.cursors()
    for ask in (f'{{ node(id: "{cursor}") {{ id }} }}', f'{{ room(id: "{cursor}") {{ id }} }}'):
        with pytest.raises(Refused) as refused:
            await company.ada.ask(ask)
        assert (refused.value.code, refused.value.field) == ("BAD_USER_INPUT", "id")
    with pytest.raises(Refused) as refused:
        await listed.page(f'first: 1, after: "{listed.ids[0]}"')
    assert (refused.value.code, refused.value.field) == ("BAD_USER_INPUT", "after")


async def test_paging_goes_on_from_where_a_deleted_room_stood(company: Cast) -> None:
    listed = await furnish(company, "rooms of a house")
    cursors = await listed.cursors()
    await company.ada.do("deleteRoom", "roomId", roomId=listed.ids[1])
    ahead = await listed.page(f'first: 1, after: "{cursors[1]}"')
    back = await listed.page(f'last: 1, before: "{cursors[1]}"')
    assert [edge["node"]["id"] for edge in ahead["edges"]] == [listed.ids[2]]
    assert [edge["node"]["id"] for edge in back["edges"]] == [listed.ids[0]]
    whole = await listed.page("first: 100")
    assert [edge["node"]["id"] for edge in whole["edges"]] == [listed.ids[0], listed.ids[2]]


async def test_paging_goes_on_over_what_was_added_meanwhile(company: Cast) -> None:
    listed = await furnish(company, "talks of a room")
    first = await listed.page("first: 2", "pageInfo { endCursor } nodes { id room { id } }")
    added = await company.ben.post_talk(first["nodes"][0]["room"]["id"])
    after = f'after: "{first["pageInfo"]["endCursor"]}"'
    rest = await listed.page(f"first: 100, {after}", "nodes { id }")
    assert [node["id"] for node in rest["nodes"]] == [*listed.ids[2:], added]


async def test_a_room_is_opened_at_a_talk(company: Cast) -> None:
    room = await company.ada.create_room(await company.ada.create_house())
    ids = [await company.ada.post_talk(room) for _ in range(5)]
    asked = await company.ada.ask(f'{{ talk(id: "{ids[2]}") {{ cursor }} }}')
    around = await company.ada.ask(
        """query($room: ID!, $here: String!) { room(id: $room) {
            older: talks(last: 1, before: $here) { nodes { id } pageInfo { hasPreviousPage } }
            newer: talks(first: 1, after: $here) { nodes { id } edges { cursor node { cursor } } } } }""",
        room=room,
        here=asked["talk"]["cursor"],
    )
    older, newer = around["room"]["older"], around["room"]["newer"]
    assert older == {"nodes": [{"id": ids[1]}], "pageInfo": {"hasPreviousPage": True}}
    assert newer["nodes"] == [{"id": ids[3]}]
    [edge] = newer["edges"]
    assert edge["cursor"] == edge["node"]["cursor"]
