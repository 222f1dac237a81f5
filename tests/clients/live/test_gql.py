"""A client in Python: gql, unmodified, over both of its WebSocket transports, resumed after each break."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

import pytest
from gql import Client, gql
from gql.transport.aiohttp_websockets import AIOHTTPWebsocketsTransport
from gql.transport.async_transport import AsyncTransport
from gql.transport.exceptions import TransportConnectionFailed, TransportQueryError
from gql.transport.websockets import WebsocketsTransport

from tests.cast import Cast
from tests.clients.live.wire import Wire
from tests.conftest import Server

EVENTS = """
subscription Events($house: ID!, $after: String) {
  houseEvents(houseId: $house, after: $after) { __typename cursor ... on TalkPosted { talk { seq content } } }
}
"""
TRANSPORTS = [WebsocketsTransport, AIOHTTPWebsocketsTransport]


class Listener:
    """Somebody who listens to a house, and begins again after the last cursor when the connection breaks."""

    def __init__(
        self, transport: Callable[..., AsyncTransport], url: str, token: str | None, house: str
    ) -> None:
        self._transport, self._url, self._token, self._house = transport, url, token, house
        self.after: str | None = None
        self.connections = 0

    async def events(self) -> AsyncGenerator[dict[str, Any], None]:
        while True:
            try:
                async with aclosing(self._once()) as told:
                    async for event in told:
                        self.after = event["cursor"]
                        yield event
            except TransportConnectionFailed:
                continue

    async def _once(self) -> AsyncGenerator[dict[str, Any], None]:
        transport = self._transport(
            url=self._url.replace("http", "ws") + "/graphql",
            init_payload={"authorization": f"Bearer {self._token}"},
        )
        request = gql(EVENTS)
        request.variable_values = {"house": self._house, "after": self.after}
        async with Client(transport=transport) as session:
            self.connections += 1
            async with aclosing(session.subscribe(request)) as results:
                async for result in results:
                    yield result["houseEvents"]


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_gql_goes_on_after_each_break_without_a_gap_or_a_repeat(
    server: Server, cast: Cast, transport: Callable[..., AsyncTransport]
) -> None:
    ada = cast.ada
    house = await ada.create_house()
    room = await ada.create_room(house)
    async with Wire(server.url) as wire:
        listener = Listener(transport, wire.url, ada.token, house)
        listener.after = (await ada.ask("query($id: ID!) { house(id: $id) { cursor } }", id=house))["house"][
            "cursor"
        ]
        heard: list[int] = []
        async with asyncio.timeout(60), aclosing(listener.events()) as events:
            for number in range(1, 10, 3):
                await ada.post_talk(room, f"talk {number}")
                heard.append((await anext(events))["talk"]["seq"])
                wire.cut()
                await ada.post_talk(room, "in the break")
                await ada.post_talk(room, "and again")
                wire.mend()
                heard += [(await anext(events))["talk"]["seq"] for _ in range(2)]
    assert heard == list(range(1, 10))
    assert listener.connections == 4


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_gql_raises_what_ends_the_right_to_listen(
    server: Server, cast: Cast, transport: Callable[..., AsyncTransport]
) -> None:
    house = await cast.ada.create_house()
    await cast.ben.join(house)
    listener = Listener(transport, server.url, cast.ben.token, house)
    async with asyncio.timeout(30), aclosing(listener.events()) as events:
        first = asyncio.ensure_future(anext(events))
        while not first.done():
            await cast.ada.create_room(house)
        await cast.ada.ban(cast.ben, house)
        with pytest.raises(TransportQueryError) as raised:
            async for _ in events:
                pass
    assert raised.value.errors is not None
    assert raised.value.errors[0]["extensions"]["code"] == "FORBIDDEN"
