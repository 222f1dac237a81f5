"""What clients of HTTP/1.1 may ask for that isn't spoken here: they are answered as if they hadn't."""

from collections.abc import AsyncIterator, Callable

import pytest

from chatgraph.server.http import HttpProtocol
from chatgraph.settings import Settings
from tests.conftest import Server, running
from tests.logged import note_log
from tests.schema import wire
from tests.server.lines import REQUEST, Dial, Line

# What curl --http2 and the HTTP client of every JDK ask for.
ASKING = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQ\r\n"
BODY = b'{"query": "{ __typename }"}'
ANSWER = b'{"data":{"__typename":"Query"}}'
SOCKET = (
    b"GET /graphql HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)


@pytest.fixture
async def server(make_settings: Callable[..., Settings]) -> AsyncIterator[Server]:
    """A server that speaks HTTP as `serve` does."""
    async with running(make_settings(), http=HttpProtocol) as started:
        yield started


def post(*fields: bytes, asking: bytes = ASKING, version: bytes = b"1.1") -> bytes:
    """Write the head of a question that asks for another protocol."""
    first = b"POST /graphql HTTP/" + version, b"Host: x", b"Content-Type: application/json", *fields
    return b"\r\n".join([*first, asking + b"\r\n"])


def sized(body: bytes) -> tuple[bytes, bytes]:
    return post(b"Content-Length: %d" % len(body)), body


def chunked(body: bytes) -> tuple[bytes, bytes]:
    parts = body[:5], body[5:]
    chunks = [b"%x\r\n%b\r\n" % (len(part), part) for part in parts]
    return post(b"Transfer-Encoding: chunked"), b"".join([*chunks, b"0\r\n\r\n"])


FRAMED = pytest.mark.parametrize("framed", [sized, chunked])
Framed = Callable[[bytes], tuple[bytes, bytes]]


async def send_apart(dial: Dial, line: Line, *segments: bytes) -> None:
    """Send segments, each once the server has read the one before: it has when it answers what is sent later."""
    for segment in segments:
        await line.send(segment)
        other = await dial()
        await other.send(REQUEST)
        assert (await other.answer()).endswith(b"alive\n")


async def assert_goes_on(line: Line) -> None:
    """Ask for something else on a connection, and let nothing come before or after its answer."""
    await line.send(REQUEST.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    last = await line.rest()
    assert (last[:15], last.count(b"HTTP/1.1"), last[-6:]) == (b"HTTP/1.1 200 OK", 1, b"alive\n")


@FRAMED
async def test_a_question_that_asks_for_another_protocol_is_answered(dial: Dial, framed: Framed) -> None:
    line, log = await dial(), note_log()
    for _ in range(2):
        await line.send(b"".join(framed(BODY)))
        assert (await line.answer()).endswith(ANSWER)
    await assert_goes_on(line)
    assert "upgrade" not in log.getvalue()


@FRAMED
async def test_its_body_may_come_later(dial: Dial, framed: Framed) -> None:
    head, body = framed(BODY)
    for segments in ((head, body), (head[:30], head[30:-1], head[-1:] + body[:1], body[1:-1], body[-1:])):
        line = await dial()
        await send_apart(dial, line, *segments)
        assert (await line.answer()).endswith(ANSWER)
        await assert_goes_on(line)


@FRAMED
async def test_a_body_that_looks_like_a_request_is_none(dial: Dial, framed: Framed) -> None:
    head, body = framed(REQUEST)
    for segments in ((head + body,), (head, body)):
        line = await dial()
        await send_apart(dial, line, *segments)
        answer = await line.answer()
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert b"alive" not in answer
        await assert_goes_on(line)


async def test_one_without_a_body_is_answered(dial: Dial) -> None:
    line = await dial()
    await line.send(REQUEST[:-2] + ASKING + b"\r\n")
    assert (await line.answer()).endswith(b"alive\n")
    await assert_goes_on(line)


async def test_what_comes_in_one_piece_with_it_is_answered_in_order(dial: Dial) -> None:
    line = await dial()
    named = [b'{"query": "{ %b: __typename }"}' % name for name in (b"a", b"b", b"c")]
    asked = [b"".join(framed(body)) for framed, body in zip((sized, chunked, sized), named, strict=True)]
    await line.send(b"".join([REQUEST, asked[0], asked[1], REQUEST, asked[2], REQUEST]))
    answers = [(await line.answer()).rpartition(b"\r\n")[2] for _ in range(6)]
    a, b, c = (b'{"data":{"%b":"Query"}}' % name for name in (b"a", b"b", b"c"))
    assert answers == [b"alive\n", a, b, b"alive\n", c, b"alive\n"]
    await assert_goes_on(line)


async def test_more_may_come_in_one_piece_than_python_calls_deep(dial: Dial) -> None:
    line, many = await dial(), 1200
    await line.send((REQUEST[:-2] + ASKING + b"\r\n") * many)
    for _ in range(many):
        assert (await line.answer()).endswith(b"alive\n")


async def test_one_that_wants_the_connection_closed_has_it_closed(dial: Dial) -> None:
    line = await dial()
    head, body = sized(BODY)
    await line.send(head.replace(b"Upgrade,", b"close, Upgrade,") + body + REQUEST)
    answered = await line.rest()
    assert (answered.count(b"HTTP/1.1"), answered.endswith(ANSWER)) == (1, True)


async def test_one_that_waits_until_it_may_go_on_is_told_so(dial: Dial) -> None:
    line = await dial()
    await line.send(post(b"Expect: 100-continue", b"Content-Length: %d" % len(BODY)))
    assert await line.head() == b"HTTP/1.1 100 Continue\r\n\r\n"
    await line.send(BODY)
    assert (await line.answer()).endswith(ANSWER)
    await assert_goes_on(line)


@pytest.mark.parametrize("field", [b"Transfer-Encoding: gzip", b"Transfer-Encoding: chunked"])
async def test_one_whose_body_is_malformed_is_refused(dial: Dial, field: bytes) -> None:
    line = await dial()
    await line.send(post(field) + b"no size\r\n" + REQUEST)
    answered = await line.rest()
    assert (answered[:13], answered.count(b"HTTP/1.1")) == (b"HTTP/1.1 400 ", 1)


async def test_one_that_says_too_much_is_refused(server: Server) -> None:
    head = wire.post(server.url, "Transfer-Encoding: chunked", "Connection: Upgrade", "Upgrade: h2c")
    assert (await wire.send(server.url, head, wire.chunked(20))).status == 413


async def test_a_websocket_opens_after_it_and_beside_other_protocols_it_does_not(dial: Dial) -> None:
    line = await dial()
    await line.send(b"".join(sized(BODY)) + SOCKET.replace(b"websocket", b"websocket, h2c"))
    assert (await line.answer()).endswith(ANSWER)
    assert not (await line.answer()).startswith(b"HTTP/1.1 101 ")
    await line.send(SOCKET)
    assert (await line.head()).startswith(b"HTTP/1.1 101 ")


@pytest.mark.parametrize("asking", [b"", ASKING])
async def test_a_connection_ends_with_a_connect(dial: Dial, asking: bytes) -> None:
    connect = b"CONNECT /healthz HTTP/1.1\r\nHost: x\r\n%b\r\n" % asking
    for segments in ((REQUEST + connect + REQUEST,), (REQUEST + connect, REQUEST)):
        line = await dial()
        for segment in segments:
            await line.send(segment)
        assert (await line.answer()).endswith(b"alive\n")
        answered = await line.rest()
        assert (answered[:13], answered.count(b"HTTP/1.1")) == (b"HTTP/1.1 405 ", 1)


WEBSOCKET = b"Connection: Upgrade\r\nUpgrade: websocket\r\n"


@pytest.mark.parametrize("version", [b"1.1", b"1.0"])
async def test_a_question_that_opens_no_websocket_is_answered_as_it_is(dial: Dial, version: bytes) -> None:
    line = await dial()
    await line.send(post(b"Content-Length: %d" % len(BODY), asking=WEBSOCKET, version=version) + BODY)
    assert (await line.answer()).endswith(ANSWER)


async def test_a_websocket_is_not_opened_with_a_body(dial: Dial) -> None:
    line = await dial()
    await line.send(SOCKET.replace(b"\r\n\r\n", b"\r\nContent-Length: %d\r\n\r\n" % len(REQUEST)) + REQUEST)
    assert (await line.answer()).startswith(b"HTTP/1.1 4")
    await assert_goes_on(line)
