"""How long a connection is waited for."""

from collections.abc import AsyncIterator, Callable

import pytest

from chatgraph.server import patience
from chatgraph.server.http import HttpProtocol
from chatgraph.settings import Settings
from tests.conftest import Server, running
from tests.server.lines import REQUEST, Dial

TIMED_OUT = b"HTTP/1.1 408 Request Timeout\r\n"
BODY = b'{"query": "{ __typename }"}'


@pytest.fixture
async def server(
    make_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Server]:
    """A server that waits a quarter of a second."""
    monkeypatch.setattr(patience, "HEADER_SECONDS", 0.25)
    async with running(make_settings(), http=HttpProtocol) as started:
        yield started


@pytest.mark.parametrize("sent", [b"", b"GET", REQUEST[:-2]])
async def test_a_connection_whose_headers_do_not_come_is_answered_408_and_closed(
    dial: Dial, sent: bytes
) -> None:
    line = await dial()
    await line.send(sent)
    assert (await line.rest()).startswith(TIMED_OUT)


async def test_headers_that_come_drop_by_drop_are_not_waited_for_longer(dial: Dial) -> None:
    line, other = await dial(), await dial()
    await line.send(b"GET /healthz HTTP/1.1\r\n")
    await other.rest()
    assert (await line.rest()).startswith(TIMED_OUT)


async def test_the_next_request_on_a_connection_is_waited_for_as_long(dial: Dial) -> None:
    line = await dial()
    for _ in range(2):
        await line.send(REQUEST)
        assert (await line.answer()).endswith(b"alive\n")
    await line.send(REQUEST[:20])
    assert (await line.rest()).startswith(TIMED_OUT)


async def test_a_body_may_take_longer_than_the_headers(dial: Dial) -> None:
    line = await dial()
    head = (
        b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    )
    await line.send(head % len(BODY))
    silent = await dial()
    assert (await silent.rest()).startswith(TIMED_OUT)
    await line.send(BODY)
    assert b'{"data":{"__typename":"Query"}}' in await line.answer()


async def test_a_slow_connection_holds_nobody_else_up(dial: Dial) -> None:
    slow, quick = await dial(), await dial()
    await slow.send(REQUEST[:20])
    await quick.send(REQUEST)
    assert (await quick.answer()).endswith(b"alive\n")
    assert (await slow.rest()).startswith(TIMED_OUT)
