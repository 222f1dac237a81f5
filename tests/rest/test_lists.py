"""Lists are everything there is, page by page in bounded memory."""

import asyncio
import gc
import tracemalloc
from collections.abc import AsyncIterator

import orjson
from sqlalchemy import update

from chatgraph.operations.memory import Memory
from chatgraph.store.tables import rooms, talks
from tests.cast import Cast
from tests.conftest import Server
from tests.rest.long_lists import TIME, Asked, open_rooms, post_talks, stream


async def test_every_length_of_a_list_is_whole(cast: Cast, server: Server) -> None:
    for count in (0, 1, 99, 100, 101, 200, 201):
        await server.chat.database.write(lambda db: db.execute(rooms.delete()))
        if count:
            await open_rooms(server, count)
        answer = (await cast.ada.rest("GET", "room/list?house_id=1")).json()
        assert [room["id"] for room in answer["rooms"]] == list(range(count, 0, -1)), count
        assert answer["room_list"] == [room["title"] for room in answer["rooms"]]


async def test_a_room_of_many_pages_gives_every_talk_once_and_in_order(cast: Cast, server: Server) -> None:
    await open_rooms(server, 1)
    await post_talks(server, 1050)
    for path in ("talk/list?room=1", "talk/list"):
        talked = (await cast.ada.rest("GET", path)).json()["talk_list"]
        assert [talk["id"] for talk in talked] == list(range(1, 1051)), path


async def test_pages_of_removed_talks_leave_no_gap_in_the_json(cast: Cast, server: Server) -> None:
    await open_rooms(server, 1)
    await post_talks(server, 500)
    gone = update(talks).where(talks.c.id.not_in([250, 500])).values(content=None, remove_time=TIME)
    await server.chat.database.write(lambda db: db.execute(gone))
    for path in ("talk/list?room=1", "talk/list"):
        assert [talk["id"] for talk in (await cast.ada.rest("GET", path)).json()["talk_list"]] == [250, 500]


async def test_the_first_page_arrives_before_the_next_is_asked_for(
    cast: Cast, server: Server, asked: Asked
) -> None:
    await open_rooms(server, 300)
    asked.wait_from = 2
    async with asyncio.timeout(10), stream(cast, "room/list") as answer:
        chunks: AsyncIterator[bytes] = answer.aiter_raw()
        first = await anext(chunks)
        assert (answer.status_code, asked.going_on.is_set()) == (200, False)
        assert orjson.loads(first + b"]}")["rooms"][99]["id"] == 201
        asked.going_on.set()
        rest = b"".join([chunk async for chunk in chunks])
    assert len(orjson.loads(first + rest)["rooms"]) == 300


async def test_no_database_connection_is_held_between_pages(cast: Cast, server: Server, asked: Asked) -> None:
    await open_rooms(server, 300)
    asked.wait_from = 2
    readers = server.chat.database.readers
    async with asyncio.timeout(10), stream(cast, "room/list") as answer:
        await anext(answer.aiter_raw())
        assert (asked.pages, readers.in_use) == (2, 0)
        asked.going_on.set()


async def test_a_client_that_does_not_read_is_not_written_to(
    cast: Cast, server: Server, asked: Asked
) -> None:
    await open_rooms(server, 1)
    await post_talks(server, 3000, "x" * 4000)
    async with stream(cast, "talk/list?room=1") as answer:
        await anext(answer.aiter_raw(1))
        before = 0
        while before != asked.pages:
            before = asked.pages
            await asyncio.sleep(0.3)
        assert asked.pages < 30


async def test_a_list_that_grows_while_it_is_read_ends_where_it_ended_at_first(
    cast: Cast, server: Server, asked: Asked
) -> None:
    await open_rooms(server, 1)
    await post_talks(server, 150)
    for there_already, path in enumerate(("talk/list?room=1", "talk/list")):
        asked.pages, asked.wait_from = 0, 3  # after the first page and where the list ends
        asked.going_on.clear()
        async with asyncio.timeout(10), stream(cast, path) as answer:
            chunks = answer.aiter_raw()
            got = await anext(chunks)
            asked.wait_from = None
            room = (await cast.ada.ask("{ rooms { nodes { id } } }"))["rooms"]["nodes"][0]["id"]
            await cast.ada.post_talk(room, "Too late")
            asked.going_on.set()
            got += b"".join([chunk async for chunk in chunks])
        assert len(orjson.loads(got)["talk_list"]) == 150 + there_already


async def test_rooms_that_are_opened_while_a_list_is_read_are_in_neither_of_its_arrays(
    cast: Cast, server: Server, asked: Asked
) -> None:
    await open_rooms(server, 250)
    asked.wait_from = 2
    async with asyncio.timeout(10), stream(cast, "room/list?house_id=1") as answer:
        chunks = answer.aiter_raw()
        got = await anext(chunks)
        asked.wait_from = None
        await cast.ada.rest("POST", "room/new", json={"house_id": 1, "room_title": "Too late"})
        asked.going_on.set()
        got += b"".join([chunk async for chunk in chunks])
    listed = orjson.loads(got)
    assert listed["room_list"] == [room["title"] for room in listed["rooms"]]
    assert (len(listed["rooms"]), "Too late" in listed["room_list"]) == (250, False)


async def test_a_short_list_is_asked_for_once_and_has_a_length(
    cast: Cast, server: Server, asked: Asked
) -> None:
    await open_rooms(server, 1)
    await post_talks(server, 100)
    answer = await cast.ada.rest("GET", "talk/list?room=1")
    assert asked.pages == 1
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert len(answer.json()["talk_list"]) == 100


async def test_head_asks_for_one_page_of_a_long_list(cast: Cast, server: Server, asked: Asked) -> None:
    await open_rooms(server, 300)
    assert (await cast.ada.rest("HEAD", "room/list")).status_code == 200
    assert asked.pages == 1


async def test_memory_stays_flat_however_long_the_list(cast: Cast, server: Server) -> None:
    server.chat.memory = Memory(most=100_000)
    await open_rooms(server, 1)
    await post_talks(server, 3000, "x" * 1000)
    size, held = 0, []
    tracemalloc.start()
    try:
        async with stream(cast, "talk/list?room=1") as answer:
            async for chunk in answer.aiter_raw(100_000):
                size += len(chunk)
                if size // 1_000_000 > len(held):
                    gc.collect()
                    held.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert size > 3_000_000
    assert len(held) == 3
    assert max(held) < 2_000_000, held
