"""Waiting for so long and no longer."""

import asyncio

import pytest

from chatgraph.deadlines import within


async def done_at_once() -> str:
    return "done"


async def test_what_needs_no_wait_gets_no_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asyncio, "timeout", None)
    assert await within(5, done_at_once()) == "done"


async def test_what_waits_goes_on_where_it_was() -> None:
    seen: list[int] = []

    async def counts() -> list[int]:
        for n in range(3):
            seen.append(n)
            await asyncio.sleep(0)
        return seen

    assert await within(5, counts()) == [0, 1, 2]


async def test_what_takes_too_long_is_cancelled_where_it_waits() -> None:
    ended: list[str] = []

    async def waits() -> None:
        await asyncio.sleep(0)
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    with pytest.raises(TimeoutError):
        await within(0.01, waits())
    assert ended == ["cancelled"]


async def test_the_time_goes_for_the_first_wait_too() -> None:
    with pytest.raises(TimeoutError):
        await within(0.01, asyncio.get_running_loop().create_future())


async def test_what_fails_fails_for_who_awaits_it() -> None:
    async def fails(waits: int) -> None:
        for _ in range(waits):
            await asyncio.sleep(0)
        raise LookupError

    for waits in range(3):
        with pytest.raises(LookupError):
            await within(5, fails(waits))


async def test_what_minds_no_cancelling_may_end_as_it_likes() -> None:
    async def stubborn() -> str:
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            return "all the same"
        raise AssertionError

    task = asyncio.create_task(within(5, stubborn()))
    await asyncio.sleep(0)
    task.cancel()
    assert await task == "all the same"
