"""`chatgraph serve` and `chatgraph migrate`."""

import re
import signal
import sqlite3
import stat
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from chatgraph.parts import create_chat
from chatgraph.server.introduction import introduction
from chatgraph.settings import Settings
from chatgraph.store.opening import database_at
from tests.cli.conftest import Process, Run, command
from tests.outside import Outside

URL = "sqlite+aiosqlite:///chat.db"
ADDRESS = re.compile(r"chatgraph listens on (http://127\.0\.0\.1:[1-9]\d*)")


def modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


def read(**given: Any) -> Settings:
    return Settings(**given)


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[Process, httpx.AsyncClient]]:
    """Serve in a process of its own, until it has said where it listens."""
    async with command("serve", "--port", "0", "--database", URL) as process:
        line = ADDRESS.fullmatch(await process.line())
        assert line is not None
        async with httpx.AsyncClient(base_url=line[1]) as http:
            yield process, http


async def test_a_server_answers_once_it_has_said_where_it_listens(elsewhere: Path) -> None:
    async with serving() as (process, http):
        assert (await http.get("/healthz")).text == "alive\n"
        assert (await http.get("/readyz")).text == "ready\n"
        assert (await http.post("/graphql", json={"query": "{ __typename }"})).status_code == 200
        lines = [await process.line() for _ in range(3)]
    assert f"{str(http.base_url).rstrip('/')}/graphql" in lines[0]
    assert "/api/v1/openapi.json" in lines[1]
    assert str(elsewhere / "chat.db") in lines[2]


async def test_a_server_that_is_told_to_stop_ends_well_and_leaves_its_database_and_key_to_their_owner(
    elsewhere: Path,
) -> None:
    async with serving() as (process, http):
        assert (await http.get("/healthz")).status_code == 200
        asked = time.monotonic()
        process.process.send_signal(signal.SIGTERM)  # while a connection is kept alive
        code, said = await process.end()
    assert time.monotonic() - asked < 10
    assert (code, said) == (0, "")
    assert modes(elsewhere) == {"chat.db": 0o600, "chat.key": 0o600}


async def test_a_first_start_makes_the_folders_of_its_database_and_key(elsewhere: Path) -> None:
    chat = create_chat(read(database_url="sqlite+aiosqlite:///new/er/chat.db"))
    await chat.open()
    await chat.close()
    assert modes(elsewhere / "new" / "er") == {"chat.db": 0o600, "chat.key": 0o600}


@pytest.mark.postgresql
def test_servers_that_share_a_database_have_to_be_given_their_key(run: Run) -> None:
    result = run("serve")
    assert result.exit_code == 2
    assert result.stderr.startswith("Set CHATGRAPH_SECRET_KEY, 32 bytes or more and the same on every server")


def test_a_short_secret_key_stops_the_start(run: Run) -> None:
    result = run("serve", CHATGRAPH_SECRET_KEY="k" * 31)
    assert result.exit_code == 2
    assert result.stderr.startswith("A signing key has at least 32 bytes; this one has 31.")
    assert "k" * 31 not in result.output


@pytest.mark.parametrize("words", [["serve", "--port", "0"], ["migrate"], ["user", "list"]])
def test_a_database_that_is_newer_than_the_code_is_refused_in_one_sentence(
    run: Run, database_url: str, words: list[str]
) -> None:
    Outside(database_url).run("UPDATE alembic_version SET version_num = '9999'")
    Outside(database_url).run("UPDATE compatibility SET oldest = '9998'")
    result = run(*words)
    assert result.exit_code in {1, 2}
    assert result.stderr.startswith("The database was written by a newer chatgraph; upgrade chatgraph first.")
    assert result.stderr.count("\n") == 1


@pytest.mark.sqlite
@pytest.mark.parametrize("words", [["serve", "--port", "0"], ["migrate"], ["user", "list"]])
def test_a_file_that_is_no_database_is_refused_in_one_sentence(
    run: Run, elsewhere: Path, words: list[str]
) -> None:
    (elsewhere / "chat.db").write_text("Dear diary, " * 100)
    result = run(*words)
    assert result.exit_code in {1, 2}
    assert result.stderr.count("\n") == 1
    assert "not a database" in result.stderr
    assert (elsewhere / "chat.db").read_text() == "Dear diary, " * 100


def test_a_path_that_cannot_be_written_is_refused_in_one_sentence(run: Run, elsewhere: Path) -> None:
    (elsewhere / "folder.db").mkdir()
    result = run("migrate", "--database", "sqlite+aiosqlite:///folder.db")
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1


def introduced(url: str = "sqlite+aiosqlite:///chat.db", **given: Any) -> str:
    return "\n".join(introduction("http://x", read(**given), database_at(url)))


def test_what_is_not_as_it_should_be_on_a_server_for_many_is_said() -> None:
    assert "warning" not in introduced()
    assert "warning" not in introduced(host="::1")
    assert "rate limits are off" in introduced(rate_limits=False)
    assert "plain HTTP" in introduced(host="0.0.0.0")
    assert "plain HTTP" not in introduced(host="0.0.0.0", trusted_proxies="10.0.0.1")
    assert "every web page" in introduced(allowed_origins="*")


def test_servers_that_count_attempts_each_for_itself_say_so() -> None:
    shared = "postgresql+asyncpg://chatgraph@localhost/chatgraph"
    assert "each process counts attempts for itself" in introduced(shared)
    for counted in ({"redis_url": "redis://localhost"}, {"rate_limits": False}):
        assert "each process" not in introduced(shared, **counted)
    assert "each process" not in introduced()


def test_graphiql_is_offered_where_there_is_one() -> None:
    assert "GraphiQL" in introduced()
    assert "GraphiQL" not in introduced(introspection=False)


def test_migrating_makes_the_database_and_says_so(run: Run, elsewhere: Path) -> None:
    for _ in range(2):
        result = run("migrate", "--database", "sqlite+aiosqlite:///other.db")
        assert (result.exit_code, result.output) == (0, "other.db is up to date.\n")
    with closing(sqlite3.connect(elsewhere / "other.db")) as db:
        assert db.execute("SELECT name FROM houses").fetchall() == [("Lobby",)]
