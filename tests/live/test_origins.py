"""Which pages may open a socket. A browser asks nobody before it does, so the server looks at the handshake itself."""

from collections.abc import Callable

import pytest
from websockets.exceptions import InvalidStatus

from chatgraph.settings import Settings
from tests.conftest import Server, running
from tests.live.wires import VIEWER, plugged, wired

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("tidy")]

FRIEND = "https://chat.example"
FOREIGN = [
    "https://elsewhere.example",
    "http://chat.example",
    "https://chat.example:8443",
    "https://chat.example.elsewhere.example",
    "https://elsewhere.example/chat.example",
    "https://chat.example@elsewhere.example",
    "null",
    "",
    "*",
    "https://",
    "http://[",
    "http://127.0.0.1",
]


async def opens(server: Server, origin: str | None) -> bool:
    """Tell whether a handshake is accepted; one that isn't is refused with 403."""
    refusal = None
    try:
        async with wired(server, origin=origin) as wire:
            assert await wire.ask("1", VIEWER) == {"data": {"viewer": None}}
    except InvalidStatus as refused:
        refusal = refused.response
    assert refusal is None or refusal.status_code == 403
    return refusal is None


async def test_a_page_of_this_server_and_who_is_no_page_may_connect(standing: Server) -> None:
    assert await opens(standing, None)
    assert await opens(standing, standing.url)
    assert await opens(standing, standing.url.upper())


@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_foreign_page_may_not_connect(standing: Server, origin: str) -> None:
    assert not await opens(standing, origin)


async def test_pages_of_allowed_origins_may_connect_and_no_others(
    make_settings: Callable[..., Settings],
) -> None:
    async with running(make_settings(allowed_origins=(FRIEND, "https://other.example"))) as server:
        for origin in (None, server.url, FRIEND, "https://other.example"):
            assert await opens(server, origin), origin
        for origin in FOREIGN:
            assert not await opens(server, origin), origin


async def test_every_page_may_connect_where_all_are_allowed(make_settings: Callable[..., Settings]) -> None:
    async with running(make_settings(allowed_origins=("*",))) as server:
        for origin in (None, server.url, *FOREIGN):
            assert await opens(server, origin), origin


async def test_there_are_no_sockets_elsewhere(standing: Server) -> None:
    for path in ("/", "/api/v1/house/list", "/healthz", "/graphql/"):
        with pytest.raises(InvalidStatus):
            async with plugged(standing, path=path):
                pass
