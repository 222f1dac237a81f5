"""How much one socket, and one user, may ask for at a time. What is counted is given back."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from chatgraph.operations import rates
from chatgraph.schema.live import socket
from chatgraph.settings import Settings
from tests.cast import Cast
from tests.conftest import Server, running
from tests.live.wires import (
    TALKS,
    VIEWER,
    Wire,
    listening,
    plugged,
    streamed,
    until,
    wired,
)

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("tidy")]

TOO_MANY = "At most 50 operations run on one socket at a time."


def connections(server: Server) -> int:
    """Count the sockets that are acknowledged, or were and aren't over yet."""
    return server.app.state.live._connections.total()


@asynccontextmanager
async def ten(server: Server, cast: Cast) -> AsyncIterator[list[Wire]]:
    """Open as many sockets of Ben's as he may have."""
    async with AsyncExitStack() as open_ones:
        yield [await open_ones.enter_async_context(wired(server, cast.ben)) for _ in range(10)]


async def test_a_socket_runs_fifty_operations_and_refuses_one_more(
    standing: Server, company: Cast, hall: str
) -> None:
    async with wired(standing, company.ben) as wire:
        for number in range(50):
            await wire.subscribe(str(number), TALKS, room=hall)
        await listening(standing, 50)
        await wire.subscribe("50", TALKS, room=hall)
        told = await wire.hear()
        assert (told["id"], told["type"]) == ("50", "error")
        assert told["payload"][0]["message"] == TOO_MANY
        await company.ada.post_talk(hall, "to all the others")
        assert {(await wire.hear())["id"] for _ in range(50)} == {str(number) for number in range(50)}
        await wire.say("complete", "7")
        await until(lambda: len(standing.app.state.live.listeners) == 49)
        assert await wire.ask("50", VIEWER) == {"data": {"viewer": {"username": "ben"}}}


async def test_of_many_operations_sent_at_once_those_beyond_fifty_are_refused(
    standing: Server, company: Cast, hall: str
) -> None:
    async with wired(standing, company.ben) as wire:
        await asyncio.gather(*(wire.subscribe(str(number), TALKS, room=hall) for number in range(53)))
        refused = [await wire.hear() for _ in range(3)]
        assert {message["type"] for message in refused} == {"error"}
        assert [message["id"] for message in refused] == ["50", "51", "52"]
        await listening(standing, 50)


async def test_a_user_has_ten_sockets_and_another_when_one_is_closed(standing: Server, company: Cast) -> None:
    async with ten(standing, company) as wires:
        for _ in range(3):
            async with plugged(standing, headers=company.ben.headers) as one_more:
                await one_more.say("connection_init")
                code, reason = await one_more.closed()
                assert (code, "sockets" in reason) == (4429, True)
        async with wired(standing, company.ada) as others, wired(standing) as nobodys:
            await others.settled()
            await nobodys.settled()
        await wires[0].connection.close()
        await until(lambda: connections(standing) == 9)
        async with wired(standing, company.ben) as again:
            await again.settled()
        wires[1].connection.transport.abort()
        await until(lambda: connections(standing) == 8)
        for wire in wires[2:]:
            await wire.settled()


async def test_an_address_has_ten_sockets_without_a_token_and_another_when_one_is_closed(
    make_settings: Callable[..., Settings],
) -> None:
    behind_a_proxy = running(make_settings(), proxy_headers=True, forwarded_allow_ips="127.0.0.1")
    async with behind_a_proxy as server, Cast(server.url) as cast, AsyncExitStack() as open_ones:
        here, elsewhere = ({"X-Forwarded-For": address} for address in ("198.51.100.1", "198.51.100.2"))
        wires = [await open_ones.enter_async_context(wired(server, headers=here)) for _ in range(10)]
        async with plugged(server, headers=here) as one_more:
            await one_more.say("connection_init")
            code, reason = await one_more.closed()
            assert (code, "address" in reason) == (4429, True)
        await cast.enter()
        async with wired(server, headers=elsewhere) as others, wired(server, cast.ada, headers=here) as ada:
            await others.settled()
            await ada.settled()
        await wires[0].connection.close()
        await until(lambda: connections(server) == 9)
        async with wired(server, headers=here) as again:
            await again.settled()


async def test_sockets_without_a_token_from_this_machine_are_not_counted(standing: Server) -> None:
    async with AsyncExitStack() as open_ones:
        for _ in range(12):
            wire = await open_ones.enter_async_context(wired(standing))
            await wire.settled()


async def test_sockets_that_are_closed_for_a_wrong_message_give_their_place_back(
    standing: Server, company: Cast, hall: str
) -> None:
    wrong = ({"type": "明" * 200}, {"type": "subscribe", "id": "1", "payload": {}}, "[", "😀" * 90)
    for number in range(12):
        async with wired(standing, company.ben) as wire:
            await wire.subscribe("1", TALKS, room=hall)
            await wire.raw(wrong[number % 4])
            assert (await wire.closed())[0] in (4400, 4409)
    await until(lambda: not connections(standing))


async def test_a_socket_says_120_messages_a_minute(standing: Server) -> None:
    async with wired(standing) as other:
        async with wired(standing) as wire:
            for _ in range(119):
                await wire.say("pong")
            await wire.say("pong")
            code, reason = await wire.closed()
            assert (code, "120 in 60 s" in reason) == (4429, True)
        async with wired(standing) as wire:
            for _ in range(118):
                await wire.say("pong")
            await wire.settled()
        await other.settled()


async def test_messages_of_a_minute_ago_are_not_counted(
    standing: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "MOST_MESSAGES", 3)
    monkeypatch.setattr(socket, "MESSAGES_SECONDS", 0.05)
    async with wired(standing) as wire:
        for _ in range(6):
            said = asyncio.get_running_loop().time()
            await wire.settled()
            await until(lambda said=said: asyncio.get_running_loop().time() - said > 0.03)


async def test_a_socket_that_says_no_init_in_time_is_closed(
    standing: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert socket.INIT_SECONDS == 5
    async with wired(standing) as other:
        monkeypatch.setattr(socket, "INIT_SECONDS", 0.1)
        async with plugged(standing) as silent, plugged(standing) as pinging:
            await pinging.say("ping")
            for wire in (silent, pinging):
                assert await wire.closed() == (4408, "Connection initialisation timeout")
        await other.settled()


async def test_what_is_asked_on_sockets_and_streams_counts_as_queries_do(
    make_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    rate, by_user = rates.QUERIES
    monkeypatch.setattr(rates, "QUERIES", (rate._replace(amount=8), by_user))
    async with running(make_settings(rate_limits=True)) as server, Cast(server.url) as cast:
        await cast.enter()
        room = await cast.ada.create_room(await cast.ada.create_house())
        async with wired(server, cast.ben) as wire, wired(server, cast.cleo) as other:
            for number in range(4):
                await wire.ask(str(number), VIEWER)
                await wire.subscribe(f"s{number}", TALKS, room=room)
            for name, query in (("query", VIEWER), ("subscription", TALKS)):
                await wire.subscribe(name, query, room=room)
                told = await wire.hear()
                assert (told["id"], told["type"]) == (name, "error")
                [error] = told["payload"]
                assert error["extensions"]["code"] == "RATE_LIMITED"
                assert 1 <= error["extensions"]["retryAfter"] <= 5
            for accept in ("text/event-stream", "application/json, text/event-stream"):
                async with streamed(cast.ben, TALKS, room=room, accept=accept) as tape:
                    assert tape.response.status_code == 429
                    assert int(tape.response.headers["retry-after"]) >= 1
                    assert tape.response.headers["content-type"].startswith("application/json")
                    await tape.response.aread()
                    assert tape.response.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
            await other.ask("1", VIEWER)
            await listening(server, 4)
            await cast.ada.post_talk(room, "goes on")
            assert {(await wire.hear())["id"] for _ in range(4)} == {f"s{number}" for number in range(4)}
