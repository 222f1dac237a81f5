"""`chatgraph backup`: beside a server, and where there is none to be taken."""

import asyncio
import os
import re
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path

import httpx
import pytest

from tests.cast import Actor, Cast, Refused
from tests.cli.conftest import Run, command

TALKS = """query($id: ID!, $after: String) { room(id: $id) { talks(first: 100, after: $after) {
  nodes { seq content } pageInfo { hasNextPage endCursor } } } }"""
LISTENS = re.compile(r"chatgraph listens on (\S+)")
CHAT, COPY = "sqlite+aiosqlite:///chat.db", "sqlite+aiosqlite:///copy.db"
GIVEN = {
    "CHATGRAPH_RATE_LIMITS": "off",
    "CHATGRAPH_SECRET_KEY": "a secret for tests alone, of 32 bytes or more",
}


class Posters:
    """Clients that post one talk after the other, and know which were acknowledged."""

    def __init__(self, author: Actor, room: str) -> None:
        self.acknowledged: set[str] = set()
        self._author, self._room = author, room
        self._numbers = count()
        self._another = asyncio.Condition()

    async def post(self) -> None:
        while True:
            content = f"talk {next(self._numbers)}"
            try:
                await self._author.post_talk(self._room, content)
            except Refused:
                continue  # too busy: it may be kept or not
            async with self._another:
                self.acknowledged.add(content)
                self._another.notify_all()

    async def wait_for(self, many: int) -> None:
        async with asyncio.timeout(30), self._another:
            await self._another.wait_for(lambda: len(self.acknowledged) >= many)


async def serve(stack: AsyncExitStack, url: str) -> str:
    process = await stack.enter_async_context(command("serve", "--port", "0", "--database", url, **GIVEN))
    told = LISTENS.fullmatch(await process.line())
    assert told is not None
    return told[1]


async def talks_in(reader: Actor, room: str) -> list[tuple[int, str]]:
    found, after = [], None
    while True:
        page = (await reader.ask(TALKS, id=room, after=after))["room"]["talks"]
        found += [(talk["seq"], talk["content"]) for talk in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


async def test_a_backup_beside_a_server_holds_all_that_was_acknowledged_and_a_server_runs_on_it(
    elsewhere: Path,
) -> None:
    async with AsyncExitStack() as stack:
        cast = await stack.enter_async_context(Cast(await serve(stack, CHAT)))
        ada = cast.ada
        await ada.register()
        await ada.sign_in()
        room = await ada.create_room(await ada.create_house())
        posters = Posters(ada, room)
        posting = [asyncio.create_task(posters.post()) for _ in range(4)]
        await posters.wait_for(40)
        before = set(posters.acknowledged)
        async with command("backup", "copy.db", "--database", CHAT, **GIVEN) as process:
            assert await process.line() == "copy.db holds chat.db as it was when this began, and was checked."
            assert await process.end() == (0, "Copying chat.db\n")
        await posters.wait_for(len(posters.acknowledged) + 1)  # who posts was not held up for good
        for task in posting:
            task.cancel()
        await asyncio.wait(posting)
        ada.http = httpx.AsyncClient(base_url=await serve(stack, COPY))
        stack.push_async_callback(ada.http.aclose)
        talks = await talks_in(ada, room)
        assert before <= {content for _, content in talks}
        assert [seq for seq, _ in talks] == list(range(1, len(talks) + 1))
        await ada.post_talk(room, "and on")
        assert (await talks_in(ada, room))[-1] == (len(talks) + 1, "and on")


def test_the_key_that_a_backup_does_not_hold_is_named(run: Run, elsewhere: Path) -> None:
    (elsewhere / "chat.key").write_text("k" * 40)
    run("migrate", "--database", CHAT)
    said = "The key of its tokens isn't in it; keep a copy of chat.key elsewhere too.\n"
    assert run("backup", "copy.db", "--database", CHAT).stdout.endswith(said)
    given = {"CHATGRAPH_SECRET_KEY": "k" * 40}
    assert "key" not in run("backup", "other.db", "--database", CHAT, **given).stdout


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["copy.db", "--database", "sqlite+aiosqlite:///none.db"], "There is no database at none.db."),
        (["there.db", "--database", CHAT], "there.db is already there; --force replaces it."),
        ([".", "--force", "--database", CHAT], ". is a folder; name a file in it."),
        (["folder", "--force", "--database", CHAT], "folder is a folder; name a file in it."),
        (["pipe", "--force", "--database", CHAT], "pipe is there and isn't a file: that is never replaced."),
        (
            ["copy.db", "--database", "postgresql+asyncpg://a@localhost/b"],
            "This is PostgreSQL: take its backups with",
        ),
    ],
)
def test_what_cannot_be_copied_is_refused_in_one_sentence(
    run: Run, elsewhere: Path, words: list[str], reason: str
) -> None:
    (elsewhere / "there.db").touch()
    (elsewhere / "folder").mkdir()
    os.mkfifo(elsewhere / "pipe")
    run("migrate", "--database", CHAT)
    result = run("backup", *words)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(reason)
    assert result.stderr.count("\n") == 1
    assert not (elsewhere / "none.db").exists()
    assert (elsewhere / "pipe").is_fifo()
