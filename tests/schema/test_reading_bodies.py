"""Reading a body: how much of it, and for how long."""

import asyncio
from collections.abc import Sequence

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import Message

from chatgraph.schema.bodies import read_body


async def none_left() -> Message:
    await asyncio.get_running_loop().create_future()
    raise AssertionError


async def read_through(
    chunks: Sequence[bytes],
    *,
    length: str | None = None,
    stalls: bool = False,
    most: int = 10,
    seconds: float = 5,
) -> bytes:
    """Give the body that is read of chunks that come one by one; one that *stalls* never ends."""
    left = list(chunks)

    async def receive() -> Message:
        if not left:
            return await none_left()
        chunk = left.pop(0)
        return {"type": "http.request", "body": chunk, "more_body": bool(left) or stalls}

    fields = {} if length is None else {b"content-length": length.encode("latin-1")}
    return await read_body({"fields": fields}, receive, most, seconds)


async def test_a_body_of_just_the_bound_is_read_whole() -> None:
    assert await read_through([b"12345", b"", b"67890"]) == b"1234567890"
    assert await read_through([b"1234567890"], length="10") == b"1234567890"
    assert await read_through([b""]) == b""


@pytest.mark.parametrize(
    ("chunks", "length"),
    [
        ([b"12345678901"], None),
        ([b"1234567890", b"1"], None),
        ([b"1234567890", b"1"], "1"),
        ([b"1"], "11"),
        ([b"1"], "9" * 30),
        ([b"1"], "-1"),
        ([b"1"], "+1"),
        ([b"1"], "1e1"),
        ([b"1"], ""),
    ],
)
async def test_a_body_past_the_bound_or_of_no_sane_length_is_refused(
    chunks: list[bytes], length: str | None
) -> None:
    with pytest.raises(HTTPException) as refused:
        await read_through(chunks, length=length)
    assert (refused.value.status_code, refused.value.headers) == (413, {"Connection": "close"})


@pytest.mark.parametrize("length", ["²", "9" * 5000])
async def test_a_length_of_strange_digits_is_refused(length: str) -> None:
    with pytest.raises(HTTPException) as refused:
        await read_through([b"1"], length=length)
    assert refused.value.status_code == 413


async def test_a_body_that_stalls_is_given_up() -> None:
    for chunks in ([], [b"1"], [b"1", b"2"]):
        with pytest.raises(HTTPException) as refused:
            await read_through(chunks, stalls=True, seconds=0.02)
        assert (refused.value.status_code, refused.value.headers) == (408, {"Connection": "close"})


async def test_the_time_for_a_body_is_for_all_of_it_not_for_each_part() -> None:
    parts = 0

    async def drip() -> Message:
        nonlocal parts
        parts += 1
        await asyncio.wait([asyncio.get_running_loop().create_future()], timeout=0.02)
        return {"type": "http.request", "body": b"1", "more_body": parts < 20}

    with pytest.raises(HTTPException) as refused:
        await read_body({"fields": {}}, drip, seconds=0.1)
    assert refused.value.status_code == 408
    assert parts <= 6


async def test_a_client_that_goes_away_within_its_body_is_noticed() -> None:
    messages: list[Message] = [
        {"type": "http.disconnect"},
        {"type": "http.request", "body": b"1", "more_body": True},
    ]

    async def receive() -> Message:
        return messages.pop()

    with pytest.raises(ClientDisconnect):
        await read_body({"fields": {}}, receive)
