"""A socket lasts no longer than the session in which it was opened, whether anything is asked over it or not."""

import asyncio

import pytest
from websockets.exceptions import ConnectionClosed

from chatgraph.credentials.endings import Endings
from chatgraph.operations import accounts
from tests.cast import Cast
from tests.conftest import Server
from tests.live.wires import plugged, until, wired

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("tidy")]

ENDED = (4401, "The session has ended; sign in again.")
LOGOUT_EVERYWHERE = "mutation { logoutEverywhere { ended } }"


async def test_an_idle_socket_is_closed_when_its_session_ends_and_no_other(
    standing: Server, company: Cast
) -> None:
    dora = await company.newcomer()
    async with wired(standing, dora) as wire, wired(standing, company.ben) as other:
        await dora.do("logout", "ok", refreshToken=dora.refresh_token)
        assert await wire.closed() == ENDED
        await other.say("ping")
        assert await other.hear() == {"type": "pong"}


async def test_an_idle_socket_of_who_still_has_a_session_is_kept(standing: Server, company: Cast) -> None:
    dora = await company.newcomer()
    async with wired(standing, dora) as wire:
        other = dora.refresh_token
        await dora.sign_in()
        async with wired(standing, dora) as kept:
            await dora.do("logout", "ok", refreshToken=other)
            assert await wire.closed() == ENDED
            await kept.say("ping")
            assert await kept.hear() == {"type": "pong"}


async def test_who_is_deactivated_is_present_no_more_once_the_grace_is_over(
    standing: Server, company: Cast
) -> None:
    dora = await company.newcomer()
    async with wired(standing, dora) as wire:
        async with standing.chat.visit() as visit:
            await visit.perform(accounts.deactivate, dora.username)
        assert await wire.closed() == ENDED
    await until(lambda: not standing.app.state.live._connections)


async def test_what_ends_the_session_is_answered_before_its_socket_is_closed(
    standing: Server, company: Cast
) -> None:
    dora = await company.newcomer()
    async with wired(standing, dora) as wire:
        await wire.subscribe("1", LOGOUT_EVERYWHERE)
        answer, end = await wire.hear(), await wire.hear()
        assert answer["payload"] == {"data": {"logoutEverywhere": {"ended": 1}}}
        assert end == {"type": "complete", "id": "1"}
        assert await wire.closed() == ENDED


async def test_what_is_under_way_when_the_session_ends_is_answered_too(
    standing: Server, company: Cast, hall: str
) -> None:
    dora = await company.newcomer()
    begun, let_go = asyncio.Event(), asyncio.Event()

    async def hold(_: object) -> None:
        begun.set()
        await let_go.wait()

    async with wired(standing, dora) as wire:
        [socket] = standing.app.state.live.sockets
        holding = asyncio.create_task(standing.chat.database.write(hold))
        await begun.wait()
        await wire.subscribe(
            "1", f'mutation {{ joinHouse(input: {{houseId: "{hall}"}}) {{ house {{ id }} }} }}'
        )
        await until(lambda: socket.answering)
        closing = asyncio.create_task(socket._sign_out())
        await asyncio.sleep(0)
        let_go.set()
        await asyncio.gather(holding, closing)
        answer, end = await wire.hear(), await wire.hear()
        assert (answer["id"], end) == ("1", {"type": "complete", "id": "1"})
        assert await wire.closed() == ENDED


async def test_the_token_of_an_ended_session_opens_no_socket_and_takes_no_place(
    standing: Server, company: Cast
) -> None:
    dora = await company.newcomer()
    old = dora.headers
    await dora.ask(LOGOUT_EVERYWHERE)
    standing.chat.endings = Endings()  # as on a server that hasn't met it
    for _ in range(2):
        async with plugged(standing) as wire:
            await wire.say("connection_init", payload=old)
            with pytest.raises(ConnectionClosed):
                await wire.hear()
            assert await wire.closed() == ENDED
    assert not standing.app.state.live._connections
