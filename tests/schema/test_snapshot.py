"""Everything that one query asks is read at one moment, whatever is written meanwhile."""

import asyncio
from typing import Any

import pytest

from tests.cast import Actor, Cast
from tests.conftest import Server
from tests.schema.crowd import make_house, make_room, make_talks, make_users, room_id

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROUNDS = 200
PATIENCE = 300  # seconds; nothing waits for it unless something is wrong

# Each of these is another statement: on another moment, another answer.
ASKED = """query($house: ID!, $room: ID!) {
    before: house(id: $house) { cursor }
    room(id: $room) { lastSeq talks(last: 1) { nodes { seq room { lastSeq } } } house { cursor } }
    talks(roomId: $room, last: 1) { nodes { seq } }
    houses(last: 1) { nodes { cursor } }
}"""


async def house_with_room(actor: Actor) -> tuple[str, str]:
    house = await actor.create_house()
    return house, await actor.create_room(house)


async def test_an_answer_is_of_one_moment_while_others_write(standing: Server, company: Cast) -> None:
    house, room = await house_with_room(company.ada)
    asking = True

    async def write() -> None:
        while asking:
            await company.ben.post_talk(room)

    async def read() -> dict[str, Any]:
        return await company.ada.ask(ASKED, house=house, room=room)

    writing = [asyncio.create_task(write()) for _ in range(2)]
    answers: list[dict[str, Any]] = []
    moments: set[int] = set()
    async with asyncio.timeout(PATIENCE):  # until enough was read, and written meanwhile
        while len(answers) < ROUNDS or len(moments) <= 10:
            answers += await asyncio.gather(*(read() for _ in range(4)))
            moments |= {answer["room"]["lastSeq"] for answer in answers[-4:]}
    asking = False
    await asyncio.gather(*writing)
    for answer in answers:
        seq = answer["room"]["lastSeq"]
        newest = answer["room"]["talks"]["nodes"]
        assert [node["seq"] for node in newest] == ([seq] if seq else [])
        assert [node["room"]["lastSeq"] for node in newest] == ([seq] if seq else [])
        assert [node["seq"] for node in answer["talks"]["nodes"]] == ([seq] if seq else [])
        cursors = {answer["before"]["cursor"], answer["room"]["house"]["cursor"]}
        assert cursors == {answer["houses"]["nodes"][0]["cursor"]}


async def test_a_question_after_an_acknowledged_write_sees_it(company: Cast) -> None:
    _, room = await house_with_room(company.ada)
    for seq in range(1, 31):
        await company.ben.post_talk(room)
        found = await company.ada.ask(
            f'{{ room(id: "{room}") {{ lastSeq talks(last: 1) {{ nodes {{ seq }} }} }} }}'
        )
        assert found["room"] == {"lastSeq": seq, "talks": {"nodes": [{"seq": seq}]}}


async def test_the_payload_of_a_write_shows_the_world_as_it_is_after_it(company: Cast) -> None:
    house, room = await house_with_room(company.ada)
    payload = await company.ben.do(
        "postTalk",
        """talk { seq room { lastSeq talks(last: 1) { nodes { seq content } }
           house { viewerRole memberCount members(last: 1) { nodes { user { username } } } } } }""",
        roomId=room,
        content="Hi",
    )
    assert payload["talk"] == {
        "seq": 1,
        "room": {
            "lastSeq": 1,
            "talks": {"nodes": [{"seq": 1, "content": "Hi"}]},
            "house": {
                "viewerRole": "MEMBER",
                "memberCount": 2,
                "members": {"nodes": [{"user": {"username": "ben"}}]},
            },
        },
    }
    left = await company.ben.do(
        "leaveHouse", "house { viewerRole memberCount members { nodes { id } } }", houseId=house
    )
    assert (left["house"]["viewerRole"], left["house"]["memberCount"]) == (None, 1)
    assert len(left["house"]["members"]["nodes"]) == 1


async def test_writes_in_one_document_are_done_in_order_and_each_is_seen_by_the_next(company: Cast) -> None:
    _, room = await house_with_room(company.ada)
    post = 'postTalk(input: {roomId: $room, content: "%s"}) { talk { seq room { lastSeq talks { nodes { content } } } } }'
    found = await company.ada.ask(
        f"mutation($room: ID!) {{ a: {post % 'one'} b: {post % 'two'} c: {post % 'three'} }}", room=room
    )
    said = ["one", "two", "three"]
    for seq, name in enumerate("abc", 1):
        talk = found[name]["talk"]
        assert (talk["seq"], talk["room"]["lastSeq"]) == (seq, seq)
        assert [node["content"] for node in talk["room"]["talks"]["nodes"]] == said[:seq]


async def test_what_was_read_for_one_write_is_read_again_for_the_next(company: Cast) -> None:
    house, _ = await house_with_room(company.ada)
    rename = 'updateHouse(input: {houseId: $house, name: "%s"}) { house { name rooms { nodes { house { name } } } } }'
    found = await company.ada.ask(
        f"mutation($house: ID!) {{ a: {rename % 'One'} b: {rename % 'Two'} }}", house=house
    )
    for key, name in (("a", "One"), ("b", "Two")):
        assert found[key]["house"] == {"name": name, "rooms": {"nodes": [{"house": {"name": name}}]}}


async def test_many_at_once_wait_their_turn_to_read(standing: Server, company: Cast) -> None:
    [guest] = await make_users(standing.chat, 1, "busy")
    room = await make_room(standing.chat, guest, await make_house(standing.chat, guest))
    await make_talks(standing.chat, [guest], room, 20)
    ask = company.ada.ask("query($id: ID!) { room(id: $id) { talks { nodes { seq } } } }", id=room_id(room))
    first = await ask
    again = [
        company.ada.ask("query($id: ID!) { room(id: $id) { talks { nodes { seq } } } }", id=room_id(room))
        for _ in range(20)
    ]
    assert all(found == first for found in await asyncio.gather(*again))
