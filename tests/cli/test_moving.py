"""`chatgraph move`: all of it arrives, or it goes on later; nobody writes meanwhile, and everything goes on after."""

import asyncio
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from chatgraph.settings import Settings
from chatgraph.store.moving.moving import move as move_everything
from chatgraph.store.moving.pages import ROWS_A_PAGE
from chatgraph.store.opening import database_at
from tests.bare import Postgres, rows
from tests.cast import Cast
from tests.cli.conftest import Run, command
from tests.cli.moved import EVENT, SCRIPTS, TALKS, make_everything
from tests.conftest import running
from tests.live.wires import wired

pytestmark = pytest.mark.tools

BOTH_WAYS = pytest.mark.parametrize(
    "ends", [("sqlite", "postgresql"), ("postgresql", "sqlite")], indirect=True
)
KILL_IN_THE_MIDST = """
import os, signal
from sqlalchemy import event
from sqlalchemy.engine import Engine
from chatgraph.cli import app

pages = 0

@event.listens_for(Engine, "before_cursor_execute")
def kill(connection, cursor, statement, *_):
    global pages
    pages += statement.startswith("INSERT INTO talks")
    if pages == 3:
        os.kill(os.getpid(), signal.SIGKILL)

app()
"""


@pytest.fixture
def ends(request: pytest.FixtureRequest, postgres: Postgres, tmp_path: Path) -> tuple[str, str]:
    """The addresses of two databases in which there is nothing yet, of the kinds that are asked for."""
    files = iter(("from", "to"))
    made = {"sqlite": lambda: f"sqlite+aiosqlite:///{next(files)}.db", "postgresql": postgres.create}
    source, target = (made[kind]() for kind in getattr(request, "param", ("sqlite", "sqlite")))
    return source, target


async def move(run: Run, source: str, target: str) -> tuple[int, str, str]:
    """Move, and give the exit code and what was said."""
    result = await asyncio.to_thread(run, "move", source, target)
    return result.exit_code, result.stdout, result.stderr


async def migrate(url: str) -> None:
    database = database_at(url)
    await database.migrate()
    await database.close()


async def fill(url: str, talks: int) -> None:
    """Make a room with so many talks, as fast as possible."""
    now = "CURRENT_TIMESTAMP"
    await migrate(url)
    await rows(
        url,
        "INSERT INTO users (username, skeleton, display_name, password_hash, create_time)"
        f" VALUES ('ada', 'ada', 'Ada', '', {now})",
    )
    await rows(
        url,
        f"INSERT INTO rooms (house_id, title, topic, creator_id, create_time) VALUES (1, 'Hall', '', 1, {now})",
    )
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {talks})"
    talk = f"SELECT 1, i, 'talk ' || i, 1, {now} FROM n"
    insert = "INSERT INTO talks (room_id, seq, content, creator_id, create_time)"
    await rows(url, f"{numbers} {insert} {talk}" if "sqlite" in url else f"{insert} {numbers} {talk}")


async def kill_in_the_midst(source: str, target: str) -> None:
    """Move, and end that with SIGKILL after two pages of talks."""
    words = ("-c", KILL_IN_THE_MIDST, "move", source, target)
    process = await asyncio.create_subprocess_exec(sys.executable, *words, stderr=asyncio.subprocess.DEVNULL)
    assert await process.wait() == -signal.SIGKILL
    assert await rows(target, "SELECT count(*) FROM talks") == [(2 * ROWS_A_PAGE,)]


@BOTH_WAYS
async def test_after_a_move_clients_go_on_as_if_nothing_had_happened(
    run: Run, make_settings: Callable[..., Settings], ends: tuple[str, str]
) -> None:
    source, target = ends
    async with running(make_settings(database_url=source)) as server, Cast(server.url) as cast:
        await cast.enter()
        scene = await make_everything(cast)
        before = await cast.ada.ask(TALKS, id=scene.room)
    # The newest talk goes, as when a room's rows are taken away: its id was used for all that.
    [(last_id,)] = await rows(source, "SELECT max(id) FROM talks")
    await rows(source, "INSERT INTO talks (room_id, seq, creator_id, create_time)"
                       " SELECT room_id, 9999, creator_id, create_time FROM talks WHERE id = :id", id=last_id)  # fmt: skip
    await rows(source, "DELETE FROM talks WHERE seq = 9999")

    code, said, _ = await move(run, source, target)
    assert code == 0, said
    async with running(make_settings(database_url=target)) as server:
        cast.http = cast.ada.http = httpx.AsyncClient(base_url=server.url)
        ada = cast.ada
        assert await ada.ask(TALKS, id=scene.room) == before  # by the access token of before
        tokens = await ada.do("refresh", "accessToken refreshToken", refreshToken=ada.refresh_token)
        ada.token = tokens["accessToken"]
        async with wired(server, ada) as wire:
            await wire.subscribe("live", EVENT, house=scene.house, after=scene.cursor)
            posted = await ada.do("postTalk", "talk { databaseId seq }", roomId=scene.room, content="after")
            heard = [
                (await wire.hear())["payload"]["data"]["houseEvents"] for _ in range(len(scene.missed) + 1)
            ]
        again = {"roomId": scene.room, "content": scene.missed[0], "clientKey": "the same"}
        first, second = [await ada.do("postTalk", "talk { databaseId } replayed", **again) for _ in range(2)]
        assert (first["talk"], second["replayed"]) == (second["talk"], True)
        await cast.http.aclose()
    assert [event["talk"]["content"] for event in heard] == [*scene.missed, "after"]
    assert posted["talk"] == {"databaseId": last_id + 2, "seq": len(SCRIPTS) + len(scene.missed) + 1}


@BOTH_WAYS
async def test_what_was_moved_is_told_as_a_table_and_every_table_had_something_in_it(
    run: Run, make_settings: Callable[..., Settings], ends: tuple[str, str]
) -> None:
    source, target = ends
    async with running(make_settings(database_url=source)) as server, Cast(server.url) as cast:
        await cast.enter()
        await make_everything(cast)
    code, said, progress = await move(run, source, target)
    assert code == 0
    lines = said.splitlines()
    table, told = lines[1 : lines.index("")], lines[lines.index("") + 1 :]
    counts = {line.split()[0]: int(line.split()[1]) for line in table}
    assert [name for name, count in counts.items() if count == 0] == []
    for name, count in counts.items():
        for url in ends:
            assert await rows(url, f"SELECT count(*) FROM {name}") == [(count,)]
    assert f"Copying talks ({counts['talks']})" in progress.splitlines()
    assert " holds all that " in told[0]
    assert "CHATGRAPH_SECRET_KEY" in told[1]


@BOTH_WAYS
async def test_a_move_that_is_killed_goes_on_where_it_was_and_no_server_starts_before_that(
    run: Run,
    ends: tuple[str, str],
) -> None:
    source, target = ends
    await fill(source, talks=4 * ROWS_A_PAGE + 7)
    await kill_in_the_midst(source, target)
    async with command("migrate", "--database", target) as process:
        refusal = (
            "A move into this database has begun and isn't finished: run the same `chatgraph move` again.\n"
        )
        assert await process.end() == (1, refusal)
    code, said, progress = await move(run, source, target)
    assert (
        code,
        f"Copying talks ({4 * ROWS_A_PAGE + 7}, of which {2 * ROWS_A_PAGE} are there)" in progress,
    ) == (
        0,
        True,
    ), said + progress
    everything = "SELECT id, seq, content FROM talks ORDER BY id"
    assert await rows(source, everything) == await rows(target, everything)
    await migrate(target)


@pytest.mark.parametrize("ends", [("sqlite", "postgresql")], indirect=True)
async def test_a_move_that_loses_its_database_says_so_and_goes_on_where_it_was(
    run: Run, ends: tuple[str, str]
) -> None:
    source, target = ends
    await fill(source, talks=2 * ROWS_A_PAGE)
    lose = (
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )

    def tell(doing: str, done: int, of: int) -> None:
        if doing.startswith("Copying talks") and done == ROWS_A_PAGE:
            with ThreadPoolExecutor(1) as apart:
                assert apart.submit(asyncio.run, rows(target, lose)).result() == [(True,)]

    with pytest.raises(
        ValueError, match=r"^The move broke off: .*\. The same command goes on where it was\.$"
    ):
        await move_everything(database_at(source), database_at(target), tell)
    code, _, progress = await move(run, source, target)
    assert code == 0
    assert f"Copying talks ({2 * ROWS_A_PAGE}, of which {ROWS_A_PAGE} are there)" in progress


@BOTH_WAYS
async def test_a_source_that_was_written_to_since_the_move_began_is_noticed(
    run: Run, ends: tuple[str, str]
) -> None:
    source, target = ends
    await fill(source, talks=3 * ROWS_A_PAGE)
    await kill_in_the_midst(source, target)
    await rows(source, "UPDATE talks SET content = 'talk 1O' WHERE seq = 10")
    code, said, progress = await move(run, source, target)
    assert (code, said) == (1, "")
    assert "differs" in progress
    assert "(talks)" in progress
    with pytest.raises(ValueError, match="isn't finished"):
        await migrate(target)


@BOTH_WAYS
@pytest.mark.parametrize("running_on", ["source", "target"])
async def test_while_a_server_runs_on_either_database_nothing_is_moved(
    run: Run, make_settings: Callable[..., Settings], ends: tuple[str, str], running_on: str
) -> None:
    source, target = ends
    await migrate(source)
    url = source if running_on == "source" else target
    async with running(make_settings(database_url=url)), command("move", source, target) as process:
        code, said = await process.end()
    assert code == 1
    assert "is in use" in said
    assert "stop the server" in said
    assert said.count("\n") == 1
    assert (await move(run, source, target))[0] == 0


@pytest.mark.parametrize("ends", [("postgresql", "postgresql")], indirect=True)
async def test_while_it_moves_nobody_writes_to_the_source(ends: tuple[str, str]) -> None:
    url, _ = ends
    await migrate(url)
    database = database_at(url)
    async with database.moving_out():
        writing = asyncio.create_task(rows(url, "UPDATE houses SET name = 'Engine'"))
        done, _ = await asyncio.wait([writing], timeout=1)
        assert not done
        assert await rows(url, "SELECT name FROM houses") == [("Lobby",)]
    await writing


async def test_while_it_moves_no_server_starts_on_the_source_file(ends: tuple[str, str]) -> None:
    source, _ = ends
    await migrate(source)
    async with database_at(source).moving_out():
        with pytest.raises(ValueError, match="locked"):
            await migrate(source)


@BOTH_WAYS
async def test_a_target_with_other_things_in_it_stays_as_it_is(run: Run, ends: tuple[str, str]) -> None:
    source, target = ends
    await migrate(source)
    await fill(target, talks=3)
    code, said, progress = await move(run, source, target)
    assert (code, said) == (1, "")
    assert "has other things in it (1 houses, 1 users, 1 rooms, 3 talks); take an empty database." in progress
    assert await rows(target, "SELECT count(*) FROM talks") == [(3,)]
    await migrate(target)


@BOTH_WAYS
async def test_a_source_of_another_version_is_refused(run: Run, ends: tuple[str, str]) -> None:
    source, target = ends
    await migrate(source)
    await rows(source, "UPDATE alembic_version SET version_num = 'next'")
    code, _, progress = await move(run, source, target)
    assert code == 1
    assert "has tables of revision next, and this chatgraph moves those of" in progress


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("sqlite+aiosqlite:///none.db", "sqlite+aiosqlite:///to.db"), "There is no database at none.db."),
        (
            ("sqlite+aiosqlite:///empty.db", "sqlite+aiosqlite:///to.db"),
            "empty.db has nothing of chatgraph's in it.",
        ),
        (
            ("sqlite+aiosqlite:///chat.db", "sqlite+aiosqlite:///chat.db"),
            "This is one and the same database.",
        ),
        (("nonsense", "sqlite+aiosqlite:///to.db"), "The database address must look like"),
        (
            ("sqlite+aiosqlite:///diary.db", "sqlite+aiosqlite:///to.db"),
            "diary.db can't be used as the database",
        ),
        (
            ("sqlite+aiosqlite:///from.db", "sqlite+aiosqlite:///diary.db"),
            "diary.db can't be used as the database",
        ),
        (
            ("sqlite+aiosqlite:///from.db", "postgresql+asyncpg://a:secret@127.0.0.1:1/b"),
            "postgresql+asyncpg://a:***@",
        ),
    ],
)
def test_what_cannot_be_moved_is_refused_in_one_sentence(
    run: Run, elsewhere: Path, words: tuple[str, str], reason: str
) -> None:
    run("migrate", "--database", "sqlite+aiosqlite:///from.db")
    (elsewhere / "empty.db").touch()
    (elsewhere / "diary.db").write_text("Dear diary, " * 100)
    result = run("move", *words)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(reason)
    assert result.stderr.count("\n") == 1


def test_how_the_key_comes_along_is_told(run: Run, elsewhere: Path) -> None:
    run("migrate", "--database", "sqlite+aiosqlite:///from.db")
    words = ("sqlite+aiosqlite:///from.db", "sqlite+aiosqlite:///")
    assert run("move", words[0], words[1] + "to1.db", CHATGRAPH_SECRET_KEY="k" * 40).stdout.endswith(
        "need the same CHATGRAPH_SECRET_KEY as before.\n"
    )
    (elsewhere / "from.key").write_text("k" * 40)
    told = run("move", words[0], words[1] + "to2.db").stdout
    assert told.endswith("Copy from.key to to2.key: it is the key of all tokens.\n")
    assert "kkkk" not in told
