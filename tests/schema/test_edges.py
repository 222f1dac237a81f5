"""Nouns that many others point to are loaded once for all of them."""

import os

import pytest

from tests.cast import Cast
from tests.conftest import Server
from tests.databases import ON_SQLITE
from tests.schema.crowd import make_house, make_room, make_talks, make_users, room_id
from tests.statements import noted

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(
        os.environ.get("CHATGRAPH_COMPILED_EXECUTION") == "off", reason="graphql-core asks for each object"
    ),
]

PAGE = "query($id: ID!) { room(id: $id) { talks(last: 20) { nodes { creator { username } } } } }"


async def test_an_author_of_many_talks_is_loaded_once(standing: Server, company: Cast) -> None:
    guests = await make_users(standing.chat, 2)
    room = await make_room(standing.chat, guests[0], await make_house(standing.chat, guests[0]))
    await make_talks(standing.chat, guests, room, 20)
    with noted() as statements:
        found = await company.ada.ask(PAGE, id=room_id(room))
    told = [node["creator"]["username"] for node in found["room"]["talks"]["nodes"]]
    assert len(told) == 20
    [authors] = [statement.given for statement in statements if "FROM users" in statement.text]
    ids = authors if ON_SQLITE else authors[0]  # an array
    assert sorted(ids) == sorted(guest.known() for guest in guests)
