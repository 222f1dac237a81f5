"""An answer holds so much text and no more, however few objects it is made of."""

import pytest

from chatgraph.schema import bulk
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


@pytest.mark.parametrize(("most", "larger"), [(5, True), (6, False)])
async def test_what_counts_are_characters_wherever_they_stand(most: int, larger: bool) -> None:
    assert bulk._is_larger({"a": ["b", {"c": "de"}, None, 7], "f": "ghi"}, most) is larger
