"""The one writer: what waits together is committed together, and nobody is answered before that."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from math import ceil

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError

from chatgraph.errors import Unavailable
from chatgraph.models import Look, Visibility, Window
from chatgraph.store import houses
from chatgraph.store.attempts import Change
from chatgraph.store.database import Database
from chatgraph.store.opening import database_at
from chatgraph.store.places import At, Place
from chatgraph.store.rows import Connection
from chatgraph.store.tables import members
from chatgraph.store.writer import Writer
from tests.databases import ON_SQLITE
from tests.outside import Outside

LOBBY = Place(At.HOUSE, 1)
# How many changes are committed together, at most.
TOGETHER = 128 if ON_SQLITE else 64


def founding(name: str, description: str = "") -> Change[int]:
    """Make a change that founds a house."""

    async def found(db: Connection) -> int:
        return await houses.add(db, name, description, Visibility.PUBLIC, False, datetime.now(UTC))

    return found


class Gate:
    """A change that holds the writer up, from its *reached* to *opened*."""

    def __init__(self) -> None:
        self.reached, self.opened = asyncio.Event(), asyncio.Event()

    async def __call__(self, _: Connection) -> None:
        self.reached.set()
        await self.opened.wait()


class Queue:
    """Changes that wait behind a gate, so that all of them are in one batch once it opens."""

    def __init__(self, write: Callable[[Change[object]], Awaitable[object]]) -> None:
        self.write = write
        self.gate = Gate()
        self.tasks: list[asyncio.Future[object]] = []

    async def add(self, *changes: Change[object]) -> list[asyncio.Future[object]]:
        """Let changes wait, each for a caller of its own."""
        if not self.gate.reached.is_set():
            self.tasks.append(asyncio.ensure_future(self.write(self.gate)))
            await self.gate.reached.wait()
        added: list[asyncio.Future[object]] = [asyncio.ensure_future(self.write(one)) for one in changes]
        await asyncio.sleep(0)  # each runs until it waits
        self.tasks += added
        return added

    async def settle(self) -> list[object]:
        """Open the gate and give what became of all but the gate."""
        self.gate.opened.set()
        return (await asyncio.gather(*self.tasks, return_exceptions=True))[1:]


@pytest.fixture
async def queue(database: Database) -> AsyncIterator[Queue]:
    queue = Queue(partial(database.write, place=LOBBY))
    yield queue
    await queue.settle()


async def fail(db: Connection) -> None:
    await founding("Ruin")(db)
    raise LookupError


async def refer_to_nobody(db: Connection) -> None:
    await founding("Ruin")(db)
    await db.execute(insert(members).values(house_id=1, user_id=99, rank=10, join_time=datetime.now(UTC)))


async def refer_to_nobody_until_the_commit(db: Connection) -> None:
    await db.execute(text("PRAGMA defer_foreign_keys=ON"))
    await refer_to_nobody(db)


async def test_changes_that_wait_together_are_one_commit(
    database: Database, queue: Queue, outside: Outside
) -> None:
    await queue.add(*(founding(str(n)) for n in range(TOGETHER // 2)))
    commits, written = database.writer.commits, database.writer.written
    ids = await queue.settle()
    assert database.writer.commits - commits == 2
    assert database.writer.written - written == TOGETHER // 2 + 1
    assert ids == sorted(set(map(int, map(str, ids))))
    assert outside.names() == ["Lobby", *map(str, range(TOGETHER // 2))]


async def test_a_batch_is_bounded(database: Database, queue: Queue) -> None:
    await queue.add(*(founding(str(n)) for n in range(300)))
    commits = database.writer.commits
    await queue.settle()
    assert database.writer.commits - commits == 1 + ceil(300 / TOGETHER)


async def test_a_change_that_fails_undoes_itself_alone(
    database: Database, queue: Queue, outside: Outside
) -> None:
    await queue.add(founding("before"), fail, founding("between"), refer_to_nobody, founding("after"))
    commits, written = database.writer.commits, database.writer.written
    first, lost, second, refused, third = await queue.settle()
    assert [type(lost), type(refused)] == [LookupError, IntegrityError]
    assert isinstance(first, int)
    assert isinstance(second, int)
    assert isinstance(third, int)
    assert outside.names() == ["Lobby", "before", "between", "after"]
    assert database.writer.commits - commits == 2
    assert database.writer.written - written == 4


async def refuse(_: Connection) -> None:
    raise LookupError


@pytest.mark.parametrize(("failing", "twice"), [(refuse, False), (fail, True)])
async def test_changes_run_again_only_if_one_failed_after_it_had_written(
    queue: Queue, outside: Outside, failing: Change[None], twice: bool
) -> None:
    runs = 0

    async def found(db: Connection) -> int:
        nonlocal runs
        runs += 1
        return await founding("Engine")(db)

    await queue.add(found, failing, founding("Loom"))
    first, lost, second = await queue.settle()
    assert (type(first), type(lost), type(second)) == (int, LookupError, int)
    assert runs == 1 + twice
    assert outside.names() == ["Lobby", "Engine", "Loom"]


async def test_nobody_is_answered_before_the_commit(queue: Queue, outside: Outside) -> None:
    hold = Gate()
    found, _ = await queue.add(founding("Engine"), hold)
    queue.gate.opened.set()
    await hold.reached.wait()
    assert not found.done()
    assert outside.names() == ["Lobby"]
    seen: list[list[str]] = []
    found.add_done_callback(lambda _: seen.append(outside.names()))
    hold.opened.set()
    await queue.settle()
    assert seen == [["Lobby", "Engine"]]


@pytest.mark.sqlite
async def test_a_commit_that_fails_is_told_to_everybody_in_it(
    database: Database, queue: Queue, outside: Outside
) -> None:
    await queue.add(founding("Engine"), refer_to_nobody_until_the_commit, founding("Loom"))
    commits = database.writer.commits
    outcomes = await queue.settle()
    assert [type(outcome) for outcome in outcomes] == [Unavailable] * 3
    assert database.writer.commits - commits == 1
    assert outside.names() == ["Lobby"]
    await database.write(founding("Attic"))
    assert outside.names() == ["Lobby", "Attic"]


async def test_a_change_that_is_cancelled_while_it_waits_is_not_made(queue: Queue, outside: Outside) -> None:
    [kept, lost] = await queue.add(founding("Engine"), founding("Ruin"))
    lost.cancel()
    await queue.settle()
    assert kept.done()
    assert outside.names() == ["Lobby", "Engine"]


async def test_a_caller_who_gives_up_in_the_middle_does_not_stop_the_others(
    queue: Queue, outside: Outside
) -> None:
    hold = Gate()
    given_up, _, kept = await queue.add(founding("Engine"), hold, founding("Loom"))
    queue.gate.opened.set()
    await hold.reached.wait()
    given_up.cancel()
    hold.opened.set()
    await kept
    assert outside.names() == ["Lobby", "Engine", "Loom"]


async def test_a_full_queue_refuses_what_comes_and_writes_what_waits(database_url: str) -> None:
    writer = Writer(database_at(database_url)._connect_writer, most_waiting=2)  # pyright: ignore[reportAttributeAccessIssue]
    await writer.start()
    queue = Queue(writer.write)
    await queue.add(founding("Engine"), founding("Loom"))
    with pytest.raises(Unavailable, match="Too many"):
        await writer.write(founding("Ruin"))
    assert [type(outcome) for outcome in await queue.settle()] == [int, int]
    assert await writer.write(founding("Attic"))
    await writer.stop()
    await writer.close()


async def test_stopping_writes_what_waits(database: Database, queue: Queue, outside: Outside) -> None:
    await queue.add(*(founding(str(n)) for n in range(300)))
    stopping = asyncio.create_task(database.writer.stop())
    await queue.settle()
    await stopping
    assert len(outside.names()) == 301


async def test_stopping_does_not_wait_for_changes_that_are_cancelled(
    database: Database, queue: Queue, outside: Outside
) -> None:
    [lost] = await queue.add(founding("Ruin"))
    stopping = asyncio.create_task(database.writer.stop())
    await asyncio.sleep(0)  # it runs until it waits
    lost.cancel()
    await queue.settle()
    await asyncio.wait_for(stopping, 5)
    assert outside.names() == ["Lobby"]


async def test_who_comes_when_it_stops_is_refused_and_not_forgotten(
    database: Database, queue: Queue, outside: Outside
) -> None:
    await queue.add(founding("Engine"))
    stopping = asyncio.create_task(database.writer.stop())
    await asyncio.sleep(0)  # it runs until it waits
    [late] = await queue.add(founding("Ruin"))
    queue.gate.opened.set()
    await stopping
    late.cancel()
    await asyncio.wait([late])
    assert not late.cancelled()
    assert isinstance(late.exception(), Unavailable)
    with pytest.raises(Unavailable):
        await database.write(founding("Ruin"))
    assert outside.names() == ["Lobby", "Engine"]


@pytest.mark.sqlite
async def test_a_full_disk_is_told_reading_goes_on_and_room_makes_it_write_again(
    database: Database, outside: Outside
) -> None:
    async def limit(db: Connection, pages: int = 0) -> None:
        count = (await db.execute(text("PRAGMA page_count"))).scalar_one()
        await db.execute(text(f"PRAGMA max_page_count={pages or count}"))

    async def unlimit(db: Connection) -> None:
        await limit(db, 1_000_000)

    await database.write(limit)
    kept = ["Lobby"]
    outcomes = await asyncio.gather(
        *(database.write(founding(str(n), "x" * 1024)) for n in range(50)), return_exceptions=True
    )
    kept += [str(n) for n, outcome in enumerate(outcomes) if isinstance(outcome, int)]
    assert {type(outcome) for outcome in outcomes} <= {int, Unavailable}
    with pytest.raises(Unavailable, match="nothing of it was kept"):
        await database.write(founding("Ruin", "x" * 100_000))
    async with database.reading() as db:
        page = await houses.page(db, Look(1, datetime.now(UTC)), Window(100))
    assert [house.name for house in page.items] == kept == outside.names()
    await database.write(unlimit)
    await database.write(founding("Ruin", "x" * 100_000))
    assert outside.names() == [*kept, "Ruin"]
    assert outside.run("PRAGMA integrity_check") == [("ok",)]


async def test_a_change_that_cancels_itself_fails_alone(database: Database) -> None:
    async def give_up(_: Connection) -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await database.write(give_up)
    assert await database.write(founding("after")) > 0


async def test_who_settles_waits_for_the_commit_that_is_under_way(
    database: Database, queue: Queue, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatgraph.store.writer.SETTLE_SECONDS", 60)
    hold = Gate()
    await queue.add(founding("Engine"), hold)
    queue.gate.opened.set()
    await hold.reached.wait()
    settling = asyncio.create_task(database.settle(1))
    await asyncio.sleep(0)  # it runs until it waits
    assert not settling.done()
    hold.opened.set()
    await settling
    assert outside.names() == ["Lobby", "Engine"]


async def test_who_settles_does_not_wait_long_for_what_is_stuck(database: Database, queue: Queue) -> None:
    await queue.add()
    await asyncio.wait_for(database.settle(1), 5)
    assert not queue.gate.opened.is_set()


async def test_what_fails_after_the_commit_fails_nobody(database: Database, outside: Outside) -> None:
    def fail_late(_: int) -> None:
        raise LookupError

    assert await database.write(founding("Engine"), fail_late, LOBBY) > 1
    assert await database.write(founding("Loom"), None, LOBBY) > 1
    assert outside.names() == ["Lobby", "Engine", "Loom"]


async def test_who_still_waits_when_stopping_is_broken_off_is_told(
    database: Database, queue: Queue, outside: Outside
) -> None:
    [inside, behind] = await queue.add(founding("Ruin"), founding("Ruin"))
    stopping = asyncio.create_task(database.writer.stop())
    for _ in range(5):
        await asyncio.sleep(0)  # it runs until it waits, in each lane
    stopping.cancel()
    await asyncio.wait([stopping])
    told = await asyncio.gather(queue.tasks[0], inside, behind, return_exceptions=True)
    assert [type(one) for one in told] == [Unavailable] * 3
    assert outside.names() == ["Lobby"]
