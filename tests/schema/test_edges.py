"""Nouns that many others point to are loaded and dressed once for all of them."""

import os
from typing import Any

import pytest

from chatgraph.schema import edges
from tests.cast import Cast
from tests.conftest import Server
from tests.schema.crowd import make_house, make_room, make_talks, make_users, room_id

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(
        os.environ.get("CHATGRAPH_COMPILED_EXECUTION") == "off", reason="graphql-core asks for each object"
    ),
]

PAGE = "query($id: ID!) { room(id: $id) { talks(last: 20) { nodes { creator { username } } } } }"


async def test_an_author_of_many_talks_is_dressed_once(
    standing: Server, company: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    guests = await make_users(standing.chat, 2)
    room = await make_room(standing.chat, guests[0], await make_house(standing.chat, guests[0]))
    await make_talks(standing.chat, guests, room, 20)
    dressed: list[Any] = []
    dress = edges.dress

    def noting(noun: Any) -> Any:
        dressed.append(noun.username)
        return dress(noun)

    monkeypatch.setattr(edges, "dress", noting)
    found = await company.ada.ask(PAGE, id=room_id(room))
    told = [node["creator"]["username"] for node in found["room"]["talks"]["nodes"]]
    assert len(told) == 20
    assert sorted(dressed) == sorted(set(told))
    assert len(dressed) == 2
