"""Why a socket is closed: the protocol's codes, and that nothing a client sends harms anybody else."""

import asyncio
from typing import Any

import orjson
import pytest

from tests.cast import Cast
from tests.conftest import Server
from tests.live.wires import (
    TALKS,
    VIEWER,
    Wire,
    left_behind,
    listening,
    plugged,
    token_for_a_moment,
    until,
    wired,
)

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("tidy")]

QUERY = {"query": VIEWER}
DEEP = '{"a":' * 2000 + "1" + "}" * 2000

MALFORMED: dict[str, Any] = {
    "empty": "",
    "not JSON": "subscribe",
    "half an object": '{"type":"ping"',
    "two objects": '{"type":"ping"}{"type":"ping"}',
    "NaN": '{"type":"ping","payload":NaN}',
    "a number beyond all bounds": '{"type":"ping","payload":{"n":' + "9" * 400 + "}}",
    "a lone surrogate": '{"type":"ping","payload":{"text":"\\ud800"}}',
    "a lone surrogate as type": '{"type":"\\udfff"}',
    "too deep": '{"type":"ping","payload":' + DEEP + "}",
    "brackets": "[" * 60_000,
    "a list": [{"type": "ping"}],
    "a string": '"ping"',
    "null": "null",
    "no type": {"id": "1"},
    "a type that is no string": {"type": 1},
    "an unknown type": {"type": "start", "id": "1"},
    "a type of the legacy protocol": {"type": "connection_terminate"},
    "what the server says": {"type": "next", "id": "1", "payload": {}},
    "an acknowledgement": {"type": "connection_ack"},
    "a long type": {"type": "t" * 5000},
    "a long type in Chinese": {"type": "明" * 5000},
    "an emoji as type": {"type": "😀" * 120},
    "an init with a text": {"type": "connection_init", "payload": "token"},
    "an init with a list": {"type": "connection_init", "payload": []},
    "binary junk": b"\x00\xff\xfe\x80junk",
}
MALFORMED_ONCE_READY: dict[str, Any] = {
    "no id": {"type": "subscribe", "payload": QUERY},
    "an empty id": {"type": "subscribe", "id": "", "payload": QUERY},
    "a long id": {"type": "subscribe", "id": "i" * 501, "payload": QUERY},
    "a number as id": {"type": "subscribe", "id": 1, "payload": QUERY},
    "an object as id": {"type": "subscribe", "id": {}, "payload": QUERY},
    "no payload": {"type": "subscribe", "id": "1"},
    "null as payload": {"type": "subscribe", "id": "1", "payload": None},
    "a list as payload": {"type": "subscribe", "id": "1", "payload": [QUERY]},
    "a text as payload": {"type": "subscribe", "id": "1", "payload": VIEWER},
    "no query": {"type": "subscribe", "id": "1", "payload": {}},
    "a query that is no string": {"type": "subscribe", "id": "1", "payload": {"query": [VIEWER]}},
    "variables as a list": {"type": "subscribe", "id": "1", "payload": QUERY | {"variables": []}},
    "extensions as a text": {"type": "subscribe", "id": "1", "payload": QUERY | {"extensions": "x"}},
    "a number as operation": {"type": "subscribe", "id": "1", "payload": QUERY | {"operationName": 1}},
    "a complete without id": {"type": "complete"},
    "a complete of null": {"type": "complete", "id": None},
}


async def code(wire: Wire) -> int:
    """Wait for the close and give its code; there is always a reason for people."""
    closed, reason = await wire.closed()
    assert reason
    return closed


@pytest.mark.parametrize("sent", MALFORMED)
async def test_what_is_no_message_closes_its_socket_and_no_other(standing: Server, sent: str) -> None:
    async with wired(standing) as other, plugged(standing) as wire:
        await wire.raw(MALFORMED[sent])
        assert await code(wire) == 4400
        await other.settled()


@pytest.mark.parametrize("sent", MALFORMED_ONCE_READY)
async def test_what_is_no_operation_closes_its_socket(standing: Server, sent: str) -> None:
    async with wired(standing) as wire:
        await wire.raw(MALFORMED_ONCE_READY[sent])
        assert await code(wire) == 4400


async def test_an_id_may_have_five_hundred_characters(standing: Server) -> None:
    async with wired(standing) as wire:
        assert "errors" not in await wire.ask("明" * 500, VIEWER)


async def test_a_message_in_bytes_is_read_like_one_in_text(standing: Server) -> None:
    async with plugged(standing) as wire:
        await wire.raw(b'{"type":"connection_init"}')
        assert await wire.hear() == {"type": "connection_ack"}


async def test_asking_before_the_acknowledgement_is_unauthorized(standing: Server, company: Cast) -> None:
    async with plugged(standing, headers=company.ada.headers) as wire:
        await wire.subscribe("1", VIEWER)
        assert await wire.closed() == (4401, "Unauthorized")


async def test_signing_out_closes_the_sockets_that_listen(standing: Server, company: Cast, hall: str) -> None:
    dora = await company.newcomer()
    async with wired(standing, dora) as wire, wired(standing, company.ben) as other:
        await wire.subscribe("1", TALKS, room=hall)
        await other.subscribe("1", TALKS, room=hall)
        await listening(standing, 2)
        await dora.do("logout", "ok", refreshToken=dora.refresh_token)
        assert await code(wire) == 4401
        await other.settled()


@pytest.mark.parametrize("where", ["the payload", "the handshake"])
async def test_a_bad_token_is_forbidden(standing: Server, company: Cast, where: str) -> None:
    for bad in ("garbage", "a.b.c", "null", company.ada.refresh_token, f"{company.ada.token}x"):
        headers = {"Authorization": f"Bearer {bad}"}
        given = (headers, {}) if where == "the payload" else ({}, headers)
        async with plugged(standing, headers=given[1]) as wire:
            await wire.say("connection_init", payload=given[0])
            assert await wire.closed() == (4403, "The access token is not valid."), bad


async def test_an_expired_token_is_forbidden(standing: Server, company: Cast, hall: str) -> None:
    async with plugged(standing) as wire, wired(standing, company.ben) as other:
        token = token_for_a_moment(standing, company.ben)
        await wire.say("connection_init", payload={"accessToken": token})
        assert await wire.hear() == {"type": "connection_ack"}
        await wire.subscribe("1", TALKS, room=hall)
        await other.subscribe("1", TALKS, room=hall)
        await listening(standing, 2)
        told, reason = await wire.closed()
        assert (told, "expired" in reason) == (4403, True)
        async with plugged(standing) as late:
            await late.say("connection_init", payload={"accessToken": token})
            assert await late.closed() == (4403, "The access token has expired.")
        await other.settled()


@pytest.mark.parametrize("protocols", [[], ["graphql-ws"], ["soap", "mqtt"]])
async def test_another_subprotocol_is_not_acceptable(standing: Server, protocols: list[str]) -> None:
    async with plugged(standing, protocols=protocols) as wire:
        assert wire.connection.subprotocol is None
        assert await code(wire) == 4406


async def test_the_subprotocol_is_found_among_others(standing: Server) -> None:
    async with plugged(standing, protocols=["graphql-ws", "graphql-transport-ws"]) as wire:
        assert wire.connection.subprotocol == "graphql-transport-ws"


@pytest.mark.parametrize("name", ["1", "n" * 100, "明" * 100, "😀" * 100])
async def test_an_id_that_is_in_use_closes_the_socket(
    standing: Server, company: Cast, hall: str, name: str
) -> None:
    async with wired(standing, company.ben) as wire:
        await wire.subscribe(name, TALKS, room=hall)
        await listening(standing)
        await wire.subscribe(name, VIEWER)
        told, reason = await wire.closed()
        assert told == 4409
        assert reason.startswith(f"Subscriber for {name[:20]}")


async def test_a_second_init_closes_the_socket(standing: Server) -> None:
    async with plugged(standing) as wire:
        await wire.say("connection_init")
        await wire.say("connection_init")
        assert await wire.closed() == (4429, "Too many initialisation requests")


@pytest.mark.parametrize("pieces", [1, 8])
async def test_a_message_over_64_kib_is_too_big(standing: Server, pieces: int) -> None:
    async with wired(standing) as other, plugged(standing) as wire:
        fits = orjson.dumps({"type": "ping", "payload": {"pad": ""}}).decode()
        text = fits.replace('""', '"' + "x" * (64 * 1024 - len(fits)) + '"')
        await wire.raw(text)
        assert (await wire.hear())["type"] == "pong"
        size = len(text) // pieces
        await wire.connection.send([text[at : at + size] for at in range(0, len(text), size)] + [" "])
        assert (await wire.closed())[0] == 1009
        await other.settled()


@pytest.mark.parametrize("depth", [200, 300, 1000])
async def test_a_deep_payload_of_a_ping_is_given_back_or_refused(standing: Server, depth: int) -> None:
    async with wired(standing) as other, plugged(standing) as wire:
        payload = '{"deep":' + "[" * depth + "]" * depth + "}"
        await wire.raw('{"type":"ping","payload":' + payload + "}")
        if depth == 200:
            assert await wire.hear() == {"type": "pong", "payload": orjson.loads(payload)}
        else:
            assert await code(wire) == 4400
        await other.settled()


@pytest.mark.parametrize("depth", [200, 300, 1000])
async def test_deep_variables_are_answered(standing: Server, company: Cast, hall: str, depth: int) -> None:
    async with wired(standing, company.ben) as wire:
        for query in (VIEWER, TALKS):
            start = orjson.dumps({"query": query, "variables": {"room": hall}}).decode()
            payload = start[:-2] + ',"unused":' + "[" * depth + "]" * depth + "}}"
            await wire.raw('{"type":"subscribe","id":"1","payload":' + payload + "}")
            if query == VIEWER:
                assert [message["type"] for message in (await wire.hear_all("1"))["1"]] == [
                    "next",
                    "complete",
                ]
            else:
                await listening(standing)
                await company.ada.post_talk(hall)
                assert (await wire.hear())["type"] == "next"


async def test_compression_is_not_negotiated(standing: Server) -> None:
    async with plugged(standing, compression="deflate") as wire:
        assert wire.connection.response is not None
        assert "Sec-WebSocket-Extensions" not in wire.connection.response.headers
        assert wire.connection.request is not None
        assert "permessage-deflate" in wire.connection.request.headers["Sec-WebSocket-Extensions"]


async def test_a_client_that_vanishes_leaves_nothing_behind(
    standing: Server, company: Cast, hall: str
) -> None:
    for _ in range(5):
        async with wired(standing, company.ben) as wire:
            for number in range(10):
                await wire.subscribe(str(number), TALKS, room=hall)
            await listening(standing, 10)
            wire.connection.transport.abort()
        await until(lambda: not standing.app.state.live.listeners)


async def test_a_client_that_vanishes_while_its_operations_begin_leaves_nothing_behind(
    standing: Server, company: Cast, hall: str
) -> None:
    async with wired(standing, company.ben) as wire:
        for number in range(40):
            await wire.subscribe(str(number), TALKS, room=hall)
        await until(lambda: standing.app.state.live.listeners)
        wire.connection.transport.abort()
    async with asyncio.timeout(3):
        await until(lambda: not left_behind(standing))
