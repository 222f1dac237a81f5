"""Changes that run abreast: each has its own rows and its own failure, as if it had run alone."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import asyncpg
import pytest
from sqlalchemy import select

from chatgraph.errors import Unavailable
from chatgraph.store.attempts import Change
from chatgraph.store.database import Database
from chatgraph.store.journal import RAISE_SEQ
from chatgraph.store.places import At, Place
from chatgraph.store.rows import Connection, Prepared, one
from chatgraph.store.tables import houses
from tests.outside import Outside
from tests.store.test_writer import Queue, founding

pytestmark = pytest.mark.postgresql

NAMES = Prepared(select(houses.c.name).where(houses.c.id <= one("last")).order_by(houses.c.id))


@pytest.fixture
async def queue(database: Database) -> AsyncIterator[Queue]:
    """Changes that are run abreast, once the gate opens."""
    queue = Queue(partial(database.write, place=Place(At.HOUSE, 1, abreast=True)))
    yield queue
    await queue.settle()


async def raise_seq(db: Connection) -> int:
    [(seq,)] = await db.fetch(RAISE_SEQ, {"house": 1, "steps": 1})
    return seq


async def fail_first(_: Connection) -> None:
    raise LookupError


async def fail_last(db: Connection) -> None:
    await raise_seq(db)
    raise LookupError


async def is_refused(db: Connection) -> None:
    await db.fetch(RAISE_SEQ, {"house": 1, "steps": 1 << 62})
    await db.fetch(RAISE_SEQ, {"house": 1, "steps": 1 << 62})


async def wait_for_nobody(_: Connection) -> None:
    await asyncio.get_running_loop().create_future()


async def test_they_take_each_step_together_in_their_order(queue: Queue) -> None:
    steps: list[tuple[str, int]] = []

    def walking(name: str) -> Change[None]:
        async def walk(db: Connection) -> None:
            steps.append((name, await raise_seq(db)))
            steps.append((name, await raise_seq(db)))

        return walk

    await queue.add(walking("a"), walking("b"), walking("c"))
    await queue.settle()
    assert steps == [("a", 1), ("b", 2), ("c", 3), ("a", 4), ("b", 5), ("c", 6)]


async def test_each_has_its_own_rows(queue: Queue, outside: Outside) -> None:
    def naming(last: int) -> Change[list[str]]:
        async def name(db: Connection) -> list[str]:
            await founding(str(last))(db)
            return [name for (name,) in await db.fetch(NAMES, {"last": last})]

        return name

    await queue.add(*(naming(last) for last in (0, 1, 2, 0, 3)))
    named = await queue.settle()
    assert named == [[], ["Lobby"], ["Lobby", "0"], [], ["Lobby", "0", "1"]]
    assert outside.names() == ["Lobby", "0", "1", "2", "0", "3"]


@pytest.mark.parametrize(
    ("failing", "told", "runs"),
    [(fail_first, LookupError, 1), (fail_last, LookupError, 2), (is_refused, asyncpg.DataError, 2)],
)
async def test_one_that_fails_is_undone_alone(
    queue: Queue, outside: Outside, failing: Change[None], told: type[Exception], runs: int
) -> None:
    ran = 0

    async def count(db: Connection) -> int:
        nonlocal ran
        ran += 1
        return await raise_seq(db)

    await queue.add(count, failing, count)
    first, failure, second = await queue.settle()
    assert (first, isinstance(failure, told), second) == (1, True, 2)
    assert ran == 2 * runs
    assert outside.run("SELECT journal_seq FROM houses") == [(2,)]


async def test_one_that_waits_for_something_else_holds_up_nobody_for_ever(queue: Queue) -> None:
    await queue.add(wait_for_nobody)
    [failure] = await queue.settle()
    assert isinstance(failure, Unavailable)
