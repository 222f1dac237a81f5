"""An answer holds so much text and no more, however few objects it is made of, and however often it is asked for."""

import asyncio

import orjson
import pytest

from chatgraph.schema.ids import cursor, split_id
from chatgraph.schema.limits import answers
from tests.cast import Cast, Refused
from tests.schema.test_kept import make_room

pytestmark = pytest.mark.asyncio(loop_scope="module")

CONTENT = "\x01" * 4000  # six bytes each in JSON
COPIES = " ".join(f"a{number}: content" for number in range(15))
TALKS = "query($room: ID!, $n: Int) {{ room(id: $room) {{ talks(first: $n) {{ nodes {{ {} }} }} }} }}"
# The same talks at many places: 121 objects for ten of them.
NESTED = TALKS.format(f"room {{ talks(first: $n) {{ nodes {{ content {COPIES} }} }} }}")


async def make_long_room(company: Cast) -> str:
    """Make a room with ten long talks."""
    _, room = await make_room(company.ada)
    for _ in range(10):
        await company.ada.post_talk(room, CONTENT)
    return room


async def test_an_answer_with_too_much_text_is_refused(company: Cast) -> None:
    room = await make_long_room(company)
    for _ in range(3):  # also once it could be kept
        with pytest.raises(Refused, match="Ask for smaller pages") as refused:
            await company.ada.ask(NESTED, room=room, n=10)
        assert refused.value.code == "BAD_USER_INPUT"
    read = await company.ada.ask(NESTED, room=room, n=3)
    assert read["room"]["talks"]["nodes"][2]["room"]["talks"]["nodes"][2]["a14"] == CONTENT


async def test_a_whole_page_of_the_longest_talks_is_given(company: Cast) -> None:
    room = await make_long_room(company)
    for _ in range(3):
        nodes = (await company.ada.ask(TALKS.format("content"), room=room, n=100))["room"]["talks"]["nodes"]
        assert [node["content"] for node in nodes] == [CONTENT] * 10


@pytest.mark.parametrize(("most", "larger"), [(8, True), (9, False)])
async def test_what_counts_are_characters_wherever_they_stand(most: int, larger: bool) -> None:
    assert answers._is_larger({"a": ["b", {"c": "de"}, None, 7], "f": "ghi"}, most) is larger
    assert answers._is_larger([{"a": "bcdefg"}, {"hi": 7}], most) is larger


async def test_what_counts_of_json_are_the_characters_of_its_names_and_strings_too() -> None:
    items = [
        orjson.Fragment(orjson.dumps({"a name that is long": [one, 1234567890]})) for one in ("\x01", "b")
    ]
    assert [answers._is_larger({"a": "c", "items": items}, most) for most in (46, 47)] == [True, False]


async def test_text_that_many_objects_lead_to_counts_at_each_place(company: Cast) -> None:
    house = await company.ada.create_house()
    rooms = [
        (await company.ada.do("createRoom", "room { id }", houseId=house, title="Hall", topic="t" * 1024))[
            "room"
        ]
        for _ in range(4)
    ]
    for room in rooms:
        await asyncio.gather(*(company.ada.post_talk(room["id"], "x") for _ in range(90)))
    copies = " ".join(f"a{number}: topic" for number in range(14))
    asked = f"""query($house: ID!) {{ house(id: $house) {{ rooms(first: 4) {{ nodes {{
        talks(first: 90) {{ nodes {{ room {{ {copies} }} }} }}
    }} }} }} }}"""
    for _ in range(4):  # from the second time on, a room is written once
        with pytest.raises(Refused, match="Ask for smaller pages"):
            await company.ada.ask(asked, house=house)


async def test_text_that_is_kept_counts_as_if_it_were_not(company: Cast) -> None:
    _, room = await make_room(company.ada)
    for _ in range(11):
        await asyncio.gather(*(company.ada.post_talk(room, CONTENT) for _ in range(10)))
    number = split_id(room, "room")[1]

    def pages(count: int) -> str:
        asked = [
            f'p{page}: talks(roomId: $room, first: 100, after: "{cursor(f"talks/{number}", page + 1)}") '
            "{ nodes { content } edges { node { content } } }"
            for page in range(count)
        ]
        return f"query($room: ID!) {{ {' '.join(asked)} }}"

    for _ in range(4):
        with pytest.raises(Refused, match="Ask for smaller pages"):
            await company.ada.ask(pages(6), room=room)
    for _ in range(4):
        read = await company.ada.ask(pages(5), room=room)
        assert read["p4"]["nodes"][90]["content"] == CONTENT
