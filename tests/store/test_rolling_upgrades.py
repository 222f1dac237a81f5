"""Versions beside each other: the tables say whose code works with them, and servers go by that."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from typer.testing import CliRunner

from chatgraph.cli import app
from chatgraph.settings import Settings
from chatgraph.store import migrations
from chatgraph.store.migrations.script import config, known, newest
from chatgraph.store.opening import database_at
from tests.bare import rows
from tests.cast import Cast
from tests.conftest import running

# What the next version brings: it adds to the tables, and says whose code works with them from now on.
NEXT = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "next", {newest!r}, None, None
oldest = {oldest!r}

def upgrade():
    op.add_column("talks", sa.Column("colour", sa.String(16), server_default="blue", nullable=False))
    op.add_column("houses", sa.Column("motto", sa.Text()))
    op.create_table("reactions", sa.Column("talk_id", sa.BigInteger(), sa.ForeignKey("talks.id")))
"""


async def upgrade_to_next(url: str, folder: Path, oldest: str) -> None:
    """Bring a database up to the date of the next version, as that does it."""
    versions = folder / "next" / "versions"
    shutil.copytree(Path(migrations.__file__).parent, folder / "next")
    (versions / "next.py").write_text(NEXT.format(newest=newest(), oldest=oldest))

    def upgrade(connection: Connection) -> None:
        made = config(connection)
        made.set_main_option("script_location", str(folder / "next"))
        command.upgrade(made, "head")

    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.begin() as db:
        await db.run_sync(upgrade)
    await engine.dispose()
    assert await rows(url, "SELECT version_num FROM alembic_version") == [("next",)]


async def test_servers_go_on_and_start_beside_the_next_version_if_it_says_that_they_can(
    make_settings: Callable[..., Settings], bare_url: str, tmp_path: Path
) -> None:
    settings = make_settings(database_url=bare_url)
    async with running(settings) as server, Cast(server.url) as cast:
        await cast.enter()
        house = await cast.ada.create_house()
        room = await cast.ada.create_room(house)
        await cast.ada.post_talk(room, "before")
        await upgrade_to_next(bare_url, tmp_path, oldest=newest())
        await cast.ada.post_talk(room, "after")
        assert (await cast.http.get("/readyz")).text == "ready\n"
        async with running(settings) as another:
            cast.ben.http = httpx.AsyncClient(base_url=another.url)
            await cast.ben.post_talk(room, "at another server")
            await cast.ben.http.aclose()
            [line] = [line for line in another.chat.database.cautions if "revision" in line]
        assert line == f"made by a newer chatgraph (revision next), beside which this one ({newest()}) works"
        result = await asyncio.to_thread(CliRunner().invoke, app, ["migrate", "--database", bare_url])
        assert result.output.endswith(f" is {line}.\n")
        talks = await cast.ada.ask(
            "query($id: ID!) { room(id: $id) { talks { nodes { content } } } }", id=room
        )
    contents = [talk["content"] for talk in talks["room"]["talks"]["nodes"]]
    assert contents == ["before", "after", "at another server"]
    assert await rows(bare_url, "SELECT version_num FROM alembic_version") == [("next",)]


async def test_a_server_that_the_next_version_leaves_behind_is_not_ready_and_none_starts(
    make_settings: Callable[..., Settings], bare_url: str, tmp_path: Path
) -> None:
    async with running(make_settings(database_url=bare_url)) as server, Cast(server.url) as cast:
        assert (await cast.http.get("/readyz")).status_code == 200
        await upgrade_to_next(bare_url, tmp_path, oldest="next")
        answer = await cast.http.get("/readyz")
        assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)
        refusal = (
            "The database was written by a newer chatgraph; upgrade chatgraph first. (Its revision is next,"
            f" which works with chatgraph from revision next on; this is {newest()}.)"
        )
        assert answer.text == f"{refusal}\n"
        database = database_at(bare_url)
        with pytest.raises(ValueError, match="upgrade chatgraph first") as refused:
            await database.open()
        await database.close()
    assert str(refused.value) == refusal


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE alembic_version SET version_num = '0004'", "The tables are older than this server"),
        ("UPDATE compatibility SET oldest = 'moving'", "A move into this database has begun"),
        ("DROP TABLE compatibility", ""),
    ],
)
async def test_a_server_is_not_ready_on_tables_that_are_not_its_own(
    make_settings: Callable[..., Settings], bare_url: str, statement: str, told: str
) -> None:
    async with running(make_settings(database_url=bare_url)) as server, Cast(server.url) as cast:
        await rows(bare_url, statement)
        answer = await cast.http.get("/readyz")
    assert answer.status_code == 503
    assert answer.text.startswith(told)


def test_every_revision_says_whose_code_works_with_it_and_none_takes_that_back() -> None:
    scripts = {script.revision: script for script in ScriptDirectory.from_config(config()).walk_revisions()}
    since = [revision for revision in reversed(known()) if revision >= "0005"]
    told = [scripts[revision].module.oldest for revision in since]
    assert told == sorted(told)
    assert all(oldest <= revision for oldest, revision in zip(told, since, strict=True))
    assert set(told) <= set(known())
