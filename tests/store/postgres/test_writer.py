"""Writing to PostgreSQL beside others: who was in the way, or gone for a moment, is noticed by nobody who waits."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update

from chatgraph.errors import Unavailable
from chatgraph.store.attempts import OutcomeUnknown
from chatgraph.store.connections import Connection
from chatgraph.store.database import Database
from chatgraph.store.places import At, Place
from chatgraph.store.postgres.connections import PostgresConnection
from chatgraph.store.tables import houses, users
from tests.outside import Outside
from tests.store.test_writer import Gate, founding

pytestmark = pytest.mark.postgresql

LOBBY = Place(At.HOUSE, 1)
ADA: dict[str, Any] = {
    "username": "ada", "skeleton": "ada", "display_name": "Ada", "password_hash": "", "create_time": datetime.now(UTC),
}  # fmt: skip


async def pid_of(db: Connection) -> int:
    return (await db.execute(text("SELECT pg_backend_pid()"))).scalar_one()


async def test_who_clashes_with_somebody_who_was_first_runs_again_and_sees_them(
    database: Database, outside: Outside
) -> None:
    runs = 0

    async def enroll(db: Connection) -> list[str]:
        nonlocal runs
        runs += 1
        taken = (await db.execute(select(users.c.username))).scalars().all()
        if len(taken) < 2:
            somebody = {**ADA, "username": f"ada{runs}", "skeleton": f"ada{runs}"}
            outside.run(insert(users).values(somebody))  # another is quicker
            await db.execute(insert(users).values(somebody))
        return sorted(taken)

    others = [database.write(founding(str(n)), None, LOBBY) for n in range(3)]
    told, *_ = await asyncio.gather(database.write(enroll, None, LOBBY), *others)
    assert told == ["ada1", "ada2"]
    assert runs == 3  # plainly, then in a SAVEPOINT, then there once more
    assert outside.names() == ["Lobby", "0", "1", "2"]


async def test_two_who_are_in_each_others_way_are_both_written(database: Database, outside: Outside) -> None:
    [other] = [await database.write(founding("Engine"))]
    both, there = asyncio.Barrier(2), [False, False]

    def describe(first: int, second: int, mine: int) -> Any:
        async def change(db: Connection) -> None:
            await db.execute(update(houses).where(houses.c.id == first).values(description=str(mine)))
            if not there[mine]:
                there[mine] = True
                await both.wait()
            await db.execute(update(houses).where(houses.c.id == second).values(description=str(mine)))

        return change

    # At no place, and so in lanes of their own: a deadlock, which the server breaks.
    await asyncio.gather(database.write(describe(1, other, 0)), database.write(describe(other, 1, 1)))
    [(one,), (two,)] = outside.run("SELECT description FROM houses ORDER BY id")
    assert one == two in ("0", "1")


async def test_what_could_not_be_serialized_runs_again_from_its_beginning(database: Database) -> None:
    runs = 0

    async def fail_once(db: Connection) -> int:
        nonlocal runs
        runs += 1
        if runs == 1:
            await db.execute(text("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$"))
        return await founding("Engine")(db)

    assert await database.write(fail_once) > 1
    assert runs == 2


async def test_a_server_that_is_lost_before_the_commit_is_written_to_again(
    database: Database, outside: Outside
) -> None:
    pids: list[int] = []

    async def lose_once(db: Connection) -> int:
        pids.append(await pid_of(db))
        if len(pids) == 1:
            outside.run(f"SELECT pg_terminate_backend({pids[0]}, 5000)")
        return await founding("Engine")(db)

    before, lost, after = await asyncio.gather(
        *(
            database.write(change, None, LOBBY)
            for change in (founding("before"), lose_once, founding("after"))
        )
    )
    assert pids[0] != pids[1]
    assert outside.names() == ["Lobby", "before", "Engine", "after"]
    assert before < lost < after


async def test_what_is_lost_in_the_commit_is_told_with_what_helps_and_writing_goes_on(
    database: Database, outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = PostgresConnection.commit

    async def lose(self: PostgresConnection) -> None:
        pid = await self.ask("SELECT pg_backend_pid()")
        outside.run(f"SELECT pg_terminate_backend({pid}, 5000)")
        await commit(self)

    with monkeypatch.context() as patched:
        patched.setattr(PostgresConnection, "commit", lose)
        with pytest.raises(Unavailable, match=r"may be kept or not.*`clientKey` isn't posted twice") as told:
            await database.write(founding("Ruin"))
    assert isinstance(told.value.__cause__, OutcomeUnknown)
    assert await database.write(founding("Engine")) > 1
    assert outside.names() == ["Lobby", "Engine"]


async def test_a_commit_that_is_refused_is_told_to_everybody_in_it(
    database: Database, outside: Outside
) -> None:
    outside.run("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'No.'; END $$")
    outside.run(
        "CREATE CONSTRAINT TRIGGER at_last AFTER INSERT ON houses DEFERRABLE INITIALLY DEFERRED"
        " FOR EACH ROW WHEN (NEW.name = 'Ruin') EXECUTE FUNCTION refuse()"
    )
    gate = Gate()
    writing: list[asyncio.Future[Any]] = [asyncio.ensure_future(database.write(gate, None, LOBBY))]
    await gate.reached.wait()
    names = ("Engine", "Ruin", "Loom")
    writing += [asyncio.ensure_future(database.write(founding(name), None, LOBBY)) for name in names]
    await asyncio.sleep(0)  # each runs until it waits
    gate.opened.set()
    _, *outcomes = await asyncio.gather(*writing, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [Unavailable] * 3
    assert outside.names() == ["Lobby"]
    assert await database.write(founding("Attic"), None, LOBBY)


async def test_a_full_disk_is_told_reading_goes_on_and_room_makes_it_write_again(
    database: Database, outside: Outside
) -> None:
    # What PostgreSQL raises when a file can't grow.
    outside.run(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN RAISE 'no space left on device' USING ERRCODE = 'disk_full'; END $$"
    )
    outside.run("CREATE TRIGGER full_disk BEFORE INSERT ON houses FOR EACH ROW EXECUTE FUNCTION refuse()")
    outcomes = await asyncio.gather(
        *(database.write(founding(str(n)), None, LOBBY) for n in range(5)), return_exceptions=True
    )
    assert {type(outcome) for outcome in outcomes} == {Unavailable}
    async with database.reading() as db:
        assert (await db.execute(select(houses.c.name))).scalars().all() == ["Lobby"]
    outside.run("DROP TRIGGER full_disk ON houses")
    await database.write(founding("Engine"), None, LOBBY)
    assert outside.names() == ["Lobby", "Engine"]


async def test_a_write_that_waits_too_long_is_told_and_nothing_of_it_is_kept(
    database: Database, outside: Outside
) -> None:
    async def hurry(db: Connection) -> None:
        await db.execute(text("SET lock_timeout = '10ms'"))

    await database.write(hurry, None, LOBBY)
    async with outside.writing():
        with pytest.raises(Unavailable, match="nothing of it was kept"):
            await database.write(founding("Ruin"), None, LOBBY)
    assert outside.names() == ["Lobby"]
    assert await database.write(founding("Engine"), None, LOBBY) > 1
