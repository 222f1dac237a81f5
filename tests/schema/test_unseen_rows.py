"""A page full of rows that the viewer may not see doesn't end the paging: lists are filtered before they are cut."""

import pytest
import pytest_asyncio
from sqlalchemy import text

from tests.cast import Actor, Cast
from tests.conftest import Server
from tests.schema.crowd import make_unseen, viewer_of
from tests.schema.nodes import database_id

pytestmark = pytest.mark.asyncio(loop_scope="module")

MANY, AROUND, PAGE = 500, 12, 10
LISTS = {
    "houses": ("house/list", "house_list"),
    "rooms": ("room/list", "rooms"),
    "talks": ("talk/list", "talk_list"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def seen(standing: Server, company: Cast) -> dict[str, list[str]]:
    """What Cleo sees, oldest first: as much before as after what she doesn't."""
    [lobby] = (await company.cleo.ask("{ houses { nodes { id } } }"))["houses"]["nodes"]
    ids: dict[str, list[str]] = {"houses": [lobby["id"]], "rooms": [], "talks": []}
    for part in range(2):
        for _ in range(AROUND):
            house = await company.ada.create_house()
            room = await company.ada.create_room(house)
            talk = await company.ada.post_talk(room)
            for name, made in zip(LISTS, (house, room, talk), strict=True):
                ids[name].append(made)
        if part == 0:
            await make_unseen(standing.chat, viewer_of(company.cleo), MANY)
    # The public house that she is banned from is listed, by its name; nothing that is in it.
    everything = await company.ada.ask("{ houses(first: 100) { nodes { id name } } }")
    [shut] = [node["id"] for node in everything["houses"]["nodes"] if node["name"] == "Unseen"]
    ids["houses"].insert(1 + AROUND, shut)
    return ids


async def pages_of(actor: Actor, name: str, cut: str, on: str, cursor: str, more: str) -> list[list[str]]:
    """Go through a list a page at a time."""
    document = f"query($from: String) {{ {name}({cut}: {PAGE}, {on}: $from) {{ nodes {{ id }} pageInfo {{ {cursor} {more} }} }} }}"
    pages: list[list[str]] = []
    place = None
    while True:
        page = (await actor.ask(document, **{"from": place}))[name]
        pages.append([node["id"] for node in page["nodes"]])
        if not page["pageInfo"][more]:
            return pages
        place = page["pageInfo"][cursor]


@pytest.mark.parametrize("name", LISTS)
async def test_forwards_every_page_is_full_and_nothing_is_left_out(
    company: Cast, seen: dict[str, list[str]], name: str
) -> None:
    expected = seen[name][::-1] if name == "rooms" else seen[name]
    pages = await pages_of(company.cleo, name, "first", "after", "endCursor", "hasNextPage")
    assert [one for page in pages for one in page] == expected
    assert [len(page) for page in pages[:-1]] == [PAGE] * (len(pages) - 1)


@pytest.mark.parametrize("name", LISTS)
async def test_backwards_every_page_is_full_and_nothing_is_left_out(
    company: Cast, seen: dict[str, list[str]], name: str
) -> None:
    expected = seen[name][::-1] if name == "rooms" else seen[name]
    pages = await pages_of(company.cleo, name, "last", "before", "startCursor", "hasPreviousPage")
    assert [one for page in pages[::-1] for one in page] == expected
    assert [len(page) for page in pages[:-1]] == [PAGE] * (len(pages) - 1)


@pytest.mark.parametrize("name", LISTS)
async def test_the_legacy_lists_are_whole(company: Cast, seen: dict[str, list[str]], name: str) -> None:
    path, member = LISTS[name]
    listed = [item["id"] for item in (await company.cleo.rest("GET", path)).json()[member]]
    assert sorted(listed) == [await database_id(company.cleo, node_id) for node_id in seen[name]]


async def test_there_is_as_much_as_a_page_that_she_does_not_see(company: Cast, standing: Server) -> None:
    async with standing.chat.database.reading() as db:
        for name in LISTS:
            rows = await db.execute(text(f"SELECT count(*) FROM {name}"))
            assert rows.scalar_one() >= MANY + 2 * AROUND
