"""Lists by key, over HTTP: every list cuts the same pages and says exactly where they stand."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.cast import Cast, Refused
from tests.schema.conftest import Stand
from tests.schema.lists import NAMES, SIZE, List, furnish

pytestmark = pytest.mark.asyncio(loop_scope="module")

EVERYTHING = (
    "edges { cursor node { id } } nodes { id } pageInfo { hasPreviousPage hasNextPage startCursor endCursor }"
)


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=NAMES)
async def listed(request: pytest.FixtureRequest, stand: Stand) -> AsyncIterator[List]:
    """Each list in turn, with `SIZE` items."""
    async with stand() as server, Cast(server.url) as cast:
        await cast.enter()
        yield await furnish(cast, request.param)


async def test_without_arguments_a_list_gives_its_items_in_its_order(listed: List) -> None:
    assert [edge["node"]["id"] for edge in (await listed.page("first: null"))["edges"]] == listed.ids


SIZES = range(1, SIZE + 2)


def check(listed: List, cursors: list[str], page: Any, start: int, end: int, asked: str) -> None:
    """Check that a page is what stands from *start* to *end* in its list, and says so."""
    here, places = listed.ids[start:end], cursors[start:end]
    assert [edge["node"]["id"] for edge in page["edges"]] == here, asked
    assert [edge["cursor"] for edge in page["edges"]] == places, asked
    assert [node["id"] for node in page["nodes"]] == here, asked
    assert page["pageInfo"] == {
        "hasPreviousPage": start > 0,
        "hasNextPage": end < SIZE,
        "startCursor": places[0] if places else None,
        "endCursor": places[-1] if places else None,
    }, asked


async def test_a_page_forwards_is_what_follows_and_says_whether_there_is_more(listed: List) -> None:
    cursors = await listed.cursors()
    for start in range(SIZE + 1):
        after = f', after: "{cursors[start - 1]}"' if start else ""
        pages = await listed.pages([f"first: {size}{after}" for size in SIZES], EVERYTHING)
        for size, page in zip(SIZES, pages, strict=True):
            check(listed, cursors, page, start, min(start + size, SIZE), f"{size} after {start}")


async def test_a_page_backwards_is_what_precedes_still_in_order_and_says_whether_there_is_more(
    listed: List,
) -> None:
    cursors = await listed.cursors()
    for end in range(SIZE + 1):
        before = f', before: "{cursors[end]}"' if end < SIZE else ""
        pages = await listed.pages([f"last: {size}{before}" for size in SIZES], EVERYTHING)
        for size, page in zip(SIZES, pages, strict=True):
            check(listed, cursors, page, max(0, end - size), end, f"{size} before {end}")


async def test_after_and_before_together_bound_a_page_on_both_sides(listed: List) -> None:
    cursors = await listed.cursors()
    for after, before in itertools.combinations(range(SIZE), 2):
        between = f'after: "{cursors[after]}", before: "{cursors[before]}"'
        first = await listed.page(f"first: 1, {between}", EVERYTHING)
        last = await listed.page(f"last: 1, {between}", EVERYTHING)
        whole = await listed.page(between, EVERYTHING)
        check(listed, cursors, first, after + 1, min(after + 2, before), f"first, {after} to {before}")
        check(listed, cursors, last, max(before - 1, after + 1), before, f"last, {after} to {before}")
        check(listed, cursors, whole, after + 1, before, f"all, {after} to {before}")


async def test_a_page_has_1_to_100_items(listed: List) -> None:
    for name, size in itertools.product(("first", "last"), (-(2**31), -1, 0, 101, 2**31 - 1)):
        with pytest.raises(Refused) as refused:
            await listed.page(f"{name}: {size}")
        assert (refused.value.code, refused.value.field) == ("BAD_USER_INPUT", name)


async def test_a_page_is_cut_from_one_end(listed: List) -> None:
    with pytest.raises(Refused) as refused:
        await listed.page("first: 1, last: 1")
    assert (refused.value.code, refused.value.field) == ("BAD_USER_INPUT", "last")


async def test_the_largest_pages_are_taken(listed: List) -> None:
    for arguments in ("first: 100", "last: 100", "first: 1"):
        assert (await listed.page(arguments))["edges"]


async def test_first_pages_of_many_parents_are_each_its_own(company: Cast) -> None:
    ada = company.ada
    houses = [await ada.create_house(f"House {n}") for n in range(3)]
    rooms = {house: [await ada.create_room(house, f"Room {n}") for n in range(3)] for house in houses}
    for house in houses:
        for room in rooms[house]:
            for n in range(3):
                await ada.post_talk(room, f"{room} {n}")
    found = await ada.ask(
        """query($ids: [ID!]!) { nodes(ids: $ids) { ... on House { id rooms(first: 2) {
            pageInfo { hasNextPage } nodes { id talks(last: 2) { pageInfo { hasPreviousPage } nodes { seq content } } }
        } } } }""",
        ids=houses,
    )
    for house in found["nodes"]:
        assert [room["id"] for room in house["rooms"]["nodes"]] == rooms[house["id"]][:0:-1]
        assert house["rooms"]["pageInfo"]["hasNextPage"]
        for room in house["rooms"]["nodes"]:
            assert room["talks"]["pageInfo"]["hasPreviousPage"]
            assert room["talks"]["nodes"] == [{"seq": n + 1, "content": f"{room['id']} {n}"} for n in (1, 2)]


async def test_without_a_size_a_page_has_50_items_and_the_last_50_are_the_newest_in_order(
    company: Cast,
) -> None:
    room = await company.ada.create_room(await company.ada.create_house())
    await asyncio.gather(*(company.ada.post_talk(room) for _ in range(101)))
    found = await company.ada.ask(
        """query($id: ID!) { room(id: $id) {
            plain: talks { nodes { seq } } newest: talks(last: 50) { nodes { seq } }
            most: talks(first: 100) { nodes { seq } pageInfo { hasNextPage } }
        } }""",
        id=room,
    )
    seqs = {name: [node["seq"] for node in page["nodes"]] for name, page in found["room"].items()}
    assert seqs == {"plain": [*range(1, 51)], "newest": [*range(52, 102)], "most": [*range(1, 101)]}
    assert found["room"]["most"]["pageInfo"] == {"hasNextPage": True}


async def test_the_sizes_of_pages_are_read_from_variables_and_defaults_too(company: Cast) -> None:
    document = "query($first: Int = 1) { houses(first: $first) { nodes { id } } }"
    for _ in range(3):
        await company.ada.create_house()
    assert len((await company.ada.ask(document))["houses"]["nodes"]) == 1
    assert len((await company.ada.ask(document, first=2))["houses"]["nodes"]) == 2
    assert len((await company.ada.ask(document, first=None))["houses"]["nodes"]) > 2
    with pytest.raises(Refused) as refused:
        await company.ada.ask(document, first=101)
    assert (refused.value.code, refused.value.field) == ("BAD_USER_INPUT", "first")


async def test_an_empty_list_has_no_pages_on_either_side(company: Cast) -> None:
    room = await company.ada.create_room(await company.ada.create_house())
    for arguments in ("", "(first: 1)", "(last: 1)"):
        found = await company.ada.ask(f'{{ room(id: "{room}") {{ talks{arguments} {{ {EVERYTHING} }} }} }}')
        assert found["room"]["talks"] == {
            "edges": [],
            "nodes": [],
            "pageInfo": {
                "hasPreviousPage": False, "hasNextPage": False, "startCursor": None, "endCursor": None,
            },
        }  # fmt: skip
