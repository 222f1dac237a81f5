"""Servers that start at the same moment on an empty database, and beside a newer version."""

import asyncio

import pytest

from chatgraph.store.migrations.script import newest
from tests.bare import rows
from tests.cli.conftest import command

pytestmark = pytest.mark.tools

SECRET = "a secret for tests alone, of 32 bytes or more"


async def test_four_that_start_at_once_on_an_empty_database_all_come_up_on_one_set_of_tables(
    bare_url: str,
) -> None:
    given = {"CHATGRAPH_DATABASE_URL": bare_url, "CHATGRAPH_SECRET_KEY": SECRET}

    all_listen = asyncio.Barrier(4)

    async def start() -> str:
        async with command("serve", "--port", "0", **given) as process:
            line = await process.line()
            await all_listen.wait()
            return line

    async with asyncio.timeout(90), asyncio.TaskGroup() as group:
        started = [group.create_task(start()) for _ in range(4)]
    for task in started:
        assert task.result().startswith("chatgraph listens on http://127.0.0.1:")
    assert await rows(bare_url, "SELECT id, name FROM houses") == [(1, "Lobby")]


async def test_a_server_says_in_one_line_that_it_is_older_than_the_database(bare_url: str) -> None:
    given = {"CHATGRAPH_DATABASE_URL": bare_url, "CHATGRAPH_SECRET_KEY": SECRET}
    async with command("migrate", **given) as process:
        assert (await process.end())[0] == 0
    await rows(bare_url, "UPDATE alembic_version SET version_num = 'next'")
    async with command("serve", "--port", "0", **given) as process:
        lines = [await process.line() for _ in range(5)]
    assert f"made by a newer chatgraph (revision next), beside which this one ({newest()}) works" in lines[4]
