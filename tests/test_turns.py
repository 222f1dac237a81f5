"""Turns: taken at once where one is free, else handed on in the order in which they are waited for."""

import asyncio

from chatgraph.turns import Turns


async def test_as_many_as_there_are_may_be_taken() -> None:
    turns = Turns(2)
    assert [turns.take() for _ in range(3)] == [True, True, False]
    turns.leave()
    assert [turns.take() for _ in range(2)] == [True, False]


async def test_a_turn_that_is_left_goes_to_who_has_waited_longest() -> None:
    turns, order = Turns(), list[int]()
    assert turns.take()

    async def wait(n: int) -> None:
        await turns.wait()
        order.append(n)

    waiting = [asyncio.create_task(wait(n)) for n in range(3)]
    await asyncio.sleep(0)
    turns.leave()
    assert not turns.take()  # it is the first one's already, though that hasn't run yet
    await waiting[0]
    turns.leave()
    turns.leave()
    await asyncio.gather(*waiting)
    assert order == [0, 1, 2]


async def test_a_turn_is_not_lost_with_who_waits_for_it() -> None:
    turns = Turns()
    assert turns.take()
    gone, given, last = [asyncio.create_task(turns.wait()) for _ in range(3)]
    await asyncio.sleep(0)
    gone.cancel()
    turns.leave()  # to the second
    given.cancel()  # which goes with the turn in its hands
    await asyncio.wait([gone, given, last], timeout=5)
    assert [one.cancelled() for one in (gone, given)] == [True, True]
    assert last.done()
    turns.leave()
    assert turns.take()
