"""Waiting for so long and no longer."""

import asyncio
from contextlib import suppress

import pytest

from chatgraph import deadlines
from chatgraph.deadlines import within


async def done_at_once() -> str:
    return "done"


async def test_what_needs_no_wait_gets_no_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadlines, "Queue", None)
    assert await within(7, done_at_once()) == "done"


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


async def test_whoever_waits_after_others_is_broken_off_too() -> None:
    """One timer serves all who wait for the same time: it has to go on to those who came later."""
    loop = asyncio.get_running_loop()

    async def waits(future: asyncio.Future[None]) -> float:
        began = loop.time()
        with pytest.raises(TimeoutError):
            await within(0.05, future)
        return loop.time() - began

    done = loop.create_future()
    loop.call_soon(done.set_result, None)
    async with asyncio.TaskGroup() as group:
        group.create_task(within(0.05, done))
        group.create_task(waits(loop.create_future()))
        with pytest.raises(TimeoutError):
            await within(0.03, loop.create_future())
        late = group.create_task(waits(loop.create_future()))
    assert late.result() >= 0.05


async def test_whoever_is_cancelled_by_others_too_stays_cancelled() -> None:
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(within(0.01, loop.create_future()))
    await asyncio.sleep(0)
    loop.call_at(loop.time() + 0.01, task.cancel)
    loop.call_soon(task.cancel)
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_time_that_is_over_leaves_no_cancelling_behind() -> None:
    task, future = asyncio.current_task(), asyncio.get_running_loop().create_future()
    assert task is not None

    async def minds_nothing() -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.get_running_loop().create_future()

    with pytest.raises(TimeoutError):
        await within(0.01, future)
    await within(0.01, minds_nothing())
    assert task.cancelling() == 0
