"""A list that can't go on never looks complete, and nothing is asked for a client that went away."""

import asyncio
from typing import Any

import httpx
import orjson
import pytest

from chatgraph.errors import Unavailable
from tests.cast import Cast
from tests.conftest import Server
from tests.logged import note_log
from tests.rest.long_lists import Asked, collect, open_rooms, post_talks, stream


async def test_a_list_is_broken_off_when_a_later_page_fails(cast: Cast, server: Server, asked: Asked) -> None:
    await open_rooms(server, 300)
    asked.fail_from = 3
    got = bytearray()
    async with stream(cast, "room/list") as answer:
        with pytest.raises(httpx.RemoteProtocolError):
            await collect(answer.aiter_raw(), got)
    assert answer.status_code == 200
    assert b'"Room 101"' in got
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(got)


async def test_a_list_is_broken_off_when_its_house_is_lost_from_sight(
    cast: Cast, server: Server, asked: Asked
) -> None:
    house = await cast.ada.create_house("Attic", "PRIVATE")
    await open_rooms(server, 300, house=2)
    asked.pages, asked.wait_from = 0, 2
    async with asyncio.timeout(10), stream(cast, "room/list?house_id=2") as answer:
        chunks = answer.aiter_raw()
        await anext(chunks)
        asked.wait_from = None
        await cast.ada.do("deleteHouse", "houseId", houseId=house)
        asked.going_on.set()
        with pytest.raises(httpx.RemoteProtocolError):
            await collect(chunks, bytearray())


async def test_why_a_list_was_broken_off_is_logged_in_a_line_where_it_is_no_defect(
    cast: Cast, server: Server, asked: Asked
) -> None:
    await open_rooms(server, 300)
    asked.pages, asked.wait_from, log = 0, 2, note_log()
    async with asyncio.timeout(10), stream(cast, "room/list") as answer:
        chunks = answer.aiter_raw()
        got = bytearray(await anext(chunks))
        asked.wait_from = None
        await cast.ada.do("logout", "ok", refreshToken=cast.ada.refresh_token)
        asked.going_on.set()
        with pytest.raises(httpx.RemoteProtocolError):
            await collect(chunks, got)
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(got)
    [line] = [line for line in log.getvalue().splitlines() if "list broken off" in line]
    assert "warning" in line
    for told in ("room/list", "UNAUTHENTICATED", answer.headers["x-request-id"]):
        assert told in line
    assert "Traceback" not in log.getvalue()


async def test_a_list_that_a_defect_broke_off_leaves_its_traceback_in_the_log(
    cast: Cast, server: Server, asked: Asked
) -> None:
    await open_rooms(server, 300)
    asked.fail_from, log = 2, note_log()
    async with stream(cast, "room/list") as answer:
        with pytest.raises(httpx.RemoteProtocolError):
            await collect(answer.aiter_raw(), bytearray())
    assert "RuntimeError: a defect in a later page" in log.getvalue()
    assert "Traceback" in log.getvalue()


async def test_a_list_that_a_defect_in_the_schema_broke_off_leaves_its_traceback_in_the_log(
    cast: Cast, server: Server, monkeypatch: pytest.MonkeyPatch, asked: Asked
) -> None:
    async def broken(*_: Any) -> None:
        raise RuntimeError("a defect in the schema")

    await open_rooms(server, 300)
    asked.pages, asked.wait_from, log = 0, 2, note_log()
    async with asyncio.timeout(10), stream(cast, "room/list") as answer:
        chunks = answer.aiter_raw()
        await anext(chunks)
        monkeypatch.setattr("chatgraph.operations.rooms.list_all_rooms", broken)
        asked.going_on.set()
        with pytest.raises(httpx.RemoteProtocolError):
            await collect(chunks, bytearray())
    assert "RuntimeError: a defect in the schema" in log.getvalue()
    assert "Traceback" in log.getvalue()


async def test_a_first_page_that_fails_has_a_status_that_says_so(
    cast: Cast, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy(*_: Any) -> None:
        raise Unavailable

    monkeypatch.setattr("chatgraph.operations.rooms.list_all_rooms", busy)
    assert (await cast.ada.rest("GET", "room/list")).status_code == 503


async def test_a_list_stops_when_its_client_goes_away_and_leaves_every_connection_free(
    cast: Cast, server: Server, asked: Asked
) -> None:
    await open_rooms(server, 1)
    await post_talks(server, 5000)
    for _ in range(20):
        async with stream(cast, "talk/list") as answer:
            await anext(answer.aiter_raw(1))
    async with asyncio.timeout(30):
        await asyncio.gather(*server.answering)
    assert asked.pages < 20 * 40
    readers = server.chat.database.readers
    assert readers.in_use == 0
    answers = await asyncio.gather(*(cast.ada.rest("GET", "house/list") for _ in range(8)))
    assert [answer.status_code for answer in answers] == [200] * 8


async def test_what_is_being_read_when_the_client_goes_away_is_read_to_its_end(
    cast: Cast, server: Server, asked: Asked
) -> None:
    # A query that is cancelled over and over, as anyio does, may leave its connection behind unclosed.
    await open_rooms(server, 500)
    asked.wait_from = 2
    async with stream(cast, "room/list") as answer:
        await anext(answer.aiter_raw(1))
    await asyncio.sleep(0.2)
    asked.going_on.set()
    await asyncio.sleep(0.2)
    assert (asked.pages, asked.cancelled) == (2, 0)
