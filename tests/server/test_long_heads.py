"""How long the head of a request may be, and that nothing else is counted with it."""

from collections.abc import AsyncIterator, Callable

import orjson
import pytest

from chatgraph.server.http import HEAD_BYTES, TOO_LARGE, HttpProtocol
from chatgraph.settings import Settings
from tests.cast import Cast
from tests.conftest import Server, running
from tests.live.wires import TALKS, listening
from tests.logged import note_log
from tests.server.lines import REQUEST, Dial
from tests.server.test_http import ASKING, BODY, SOCKET, assert_goes_on, post, send_apart

REFUSED = b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
CHUNKED = post(b"Transfer-Encoding: chunked", asking=b"") + b"%x\r\n%b\r\n" % (len(BODY), BODY)


@pytest.fixture
async def server(make_settings: Callable[..., Settings]) -> AsyncIterator[Server]:
    """A server that speaks HTTP as `serve` does."""
    async with running(make_settings(), http=HttpProtocol) as started:
        yield started


def long(head: bytes, size: int = HEAD_BYTES) -> bytes:
    """Lengthen a head by a field."""
    return head[:-2] + b"X-Long: " + b"x" * (size - len(head) - 10) + b"\r\n\r\n"


def wide(head: bytes) -> bytes:
    """Lengthen a head by many fields and what is left by one."""
    return long(head[:-2] + b"a:\r\n" * 5000 + b"\r\n")


def unended(head: bytes) -> bytes:
    """Make a head so long that its last byte is one too many, and no more of it is left unread."""
    return long(head, HEAD_BYTES + 4)[:HEAD_BYTES]


def assert_refused(answered: bytes) -> None:
    head, _, told = answered.partition(b"\r\n\r\n")
    assert (head[: len(REFUSED)], told) == (REFUSED, TOO_LARGE)
    assert b"\r\nconnection: close" in head


ASKED = pytest.mark.parametrize(
    "asked",
    [REQUEST, REQUEST[:-2] + ASKING + b"\r\n", b"GET /healthz?" + b"a" * 40_000 + REQUEST[12:]],
    ids=["plain", "of another protocol", "with a long address"],
)


@ASKED
async def test_a_head_of_64_kib_is_answered(dial: Dial, asked: bytes) -> None:
    for head in (long(asked), wide(asked)):
        assert len(head) == HEAD_BYTES
        for segments in ((head,), (head[:1], head[1:-1], head[-1:])):
            line = await dial()
            await send_apart(dial, line, *segments)
            assert (await line.answer()).endswith(b"alive\n")
            await assert_goes_on(line)


@ASKED
async def test_a_longer_one_is_refused_before_it_ends_and_the_connection_closed(
    dial: Dial, asked: bytes
) -> None:
    head, log = unended(asked), note_log()
    for segments in ((head,), (head[:1], head[1:-1], head[-1:])):
        line = await dial()
        await send_apart(dial, line, *segments[:-1])
        await line.send(segments[-1])
        assert_refused(await line.rest())
    assert not any(word in log.getvalue() for word in ("Invalid", "Traceback"))


@ASKED
async def test_one_that_ends_a_byte_later_is_refused(dial: Dial, asked: bytes) -> None:
    head = long(asked, HEAD_BYTES + 1)
    for segments in ((head,), (head[:1], head[1:])):
        line = await dial()
        await send_apart(dial, line, *segments[:-1])
        await line.send(segments[-1])
        assert_refused(await line.rest())


async def test_a_long_head_may_have_a_body_that_comes_later(dial: Dial) -> None:
    line = await dial()
    await send_apart(dial, line, long(post(b"Content-Length: %d" % len(BODY), asking=b"")), BODY[:1])
    await line.send(BODY[1:])
    assert (await line.answer()).startswith(b"HTTP/1.1 200 ")


async def test_trailers_are_not_counted_with_the_next_head(dial: Dial) -> None:
    line = await dial()
    await send_apart(dial, line, CHUNKED + b"0\r\nA: ", b"b" * 60_000, b"\r\n\r\n", long(REQUEST))
    assert (await line.answer()).startswith(b"HTTP/1.1 200 ")
    assert (await line.answer()).endswith(b"alive\n")


async def test_each_head_is_counted_by_itself(dial: Dial) -> None:
    line = await dial()
    for _ in range(2):
        await line.send(long(REQUEST))
        assert (await line.answer()).endswith(b"alive\n")
    await line.send(unended(REQUEST))
    assert_refused(await line.rest())


async def test_many_heads_in_one_piece_are_not_counted_together(dial: Dial) -> None:
    line, head = await dial(), long(REQUEST, 30_000)
    await line.send(head * 7)
    for _ in range(7):
        assert (await line.answer()).endswith(b"alive\n")
    await assert_goes_on(line)


@pytest.mark.parametrize("fields", [b"", ASKING])
async def test_a_body_is_not_counted_with_its_head_nor_with_the_next(dial: Dial, fields: bytes) -> None:
    line, body = await dial(), BODY.ljust(250_000)
    asked = post(b"Content-Length: %d" % len(body), asking=fields) + body
    await line.send(asked + long(REQUEST))
    assert (await line.answer()).startswith(b"HTTP/1.1 200 ")
    assert (await line.answer()).endswith(b"alive\n")
    await line.send(asked[:-1])
    await line.send(asked[-1:] + REQUEST)
    assert (await line.answer()).startswith(b"HTTP/1.1 200 ")
    assert (await line.answer()).endswith(b"alive\n")


async def test_a_body_in_many_small_chunks_is_not_counted(dial: Dial) -> None:
    line, chunks = await dial(), [b"1\r\n%c\r\n" % byte for byte in BODY.ljust(100_000)]
    await line.send(b"".join([post(b"Transfer-Encoding: chunked", asking=b""), *chunks, b"0\r\n\r\n"]))
    assert (await line.answer()).startswith(b"HTTP/1.1 200 ")
    await assert_goes_on(line)


async def test_a_websocket_is_not_opened_by_a_longer_one(dial: Dial) -> None:
    line = await dial()
    await line.send(unended(SOCKET))
    assert_refused(await line.rest())


async def test_what_a_websocket_takes_of_a_head_opens_one_and_more_is_refused(dial: Dial) -> None:
    fields = SOCKET.count(b"\r\n") - 2
    many = SOCKET[:-2] + b"a:\r\n" * (128 - fields) + b"\r\n"
    for head in (long(SOCKET, len(SOCKET) + 8192), many):
        line = await dial()
        await line.send(head)
        assert (await line.head()).startswith(b"HTTP/1.1 101 ")
        await line.hang_up()
    for head in (long(SOCKET, len(SOCKET) + 8193), many[:-2] + b"a:\r\n\r\n"):
        line = await dial()
        await line.send(head)
        assert_refused(await line.rest())


@pytest.mark.parametrize("opening", [b"0\r\nA: ", b"0\r\nA: b\r\nB: ", b"5;a="])
async def test_trailers_and_the_extensions_of_a_chunk_may_not_be_longer(dial: Dial, opening: bytes) -> None:
    line = await dial()
    await send_apart(dial, line, CHUNKED + opening, b"b" * (HEAD_BYTES - 1))
    await line.send(b"b")
    assert_refused(await line.rest())


async def test_short_ones_are_passed_over(dial: Dial) -> None:
    line = await dial()
    await line.send(CHUNKED + b"0;a=b\r\nA: b\r\n\r\n")
    assert (await line.answer()).startswith(b"HTTP/1.1 200 ")
    await assert_goes_on(line)


async def test_nothing_else_than_empty_lines_is_no_request(dial: Dial) -> None:
    line = await dial()
    await line.send(b"\r\n" * (HEAD_BYTES // 2))
    assert_refused(await line.rest())


@pytest.mark.parametrize("sent", [unended(REQUEST), b"\r\n" * (HEAD_BYTES // 2)])
async def test_what_was_asked_before_is_answered_to_its_end_first(
    dial: Dial, cast: Cast, server: Server, sent: bytes
) -> None:
    room = await cast.ada.create_room(await cast.ada.create_house())
    body, log = orjson.dumps({"query": TALKS, "variables": {"room": room}}), note_log()
    line, mine = await dial(), f"Authorization: Bearer {cast.ben.token}".encode()
    fields = mine, b"Accept: text/event-stream", b"Content-Length: %d" % len(body)
    await line.send(post(*fields, asking=b"") + body)
    await line.head()
    await listening(server)
    await send_apart(dial, line, sent, REQUEST)
    await cast.ada.do("deleteRoom", "roomId", roomId=room)
    assert b"event: complete\n" in await line.chunks()
    assert_refused(await line.rest())
    assert "Traceback" not in log.getvalue()
