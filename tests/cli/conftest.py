"""The command as an operator runs it: in this process where that suffices, else in one of its own."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from chatgraph.cli import app

Run = Callable[..., Result]
# Longer than anything here takes on a busy machine; nothing waits for it unless something is wrong.
PATIENCE = 60


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder without a database or settings, whatever the developer has."""
    for name in [name for name in os.environ if name.upper().startswith("CHATGRAPH_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(database_url: str) -> Run:
    """Run a command on a fresh database in this process."""

    def run(*words: str, typed: str | None = None, **env: str) -> Result:
        return CliRunner().invoke(
            app, words, input=typed, env={"CHATGRAPH_DATABASE_URL": database_url, **env}
        )

    return run


class Process:
    """A `chatgraph` command that runs."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def line(self) -> str:
        """Give the next line that it prints."""
        assert self.process.stdout is not None
        return (await asyncio.wait_for(self.process.stdout.readline(), PATIENCE)).decode().rstrip("\n")

    async def end(self) -> tuple[int | None, str]:
        """Wait until it ends and give its exit code and what it said on standard error."""
        _, said = await asyncio.wait_for(self.process.communicate(), PATIENCE)
        return self.process.returncode, said.decode()


@asynccontextmanager
async def command(*words: str, **env: str) -> AsyncIterator[Process]:
    """Run a command in a process of its own, which ends with the test at the latest."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "chatgraph", *words, stdout=pipe, stderr=pipe, env=os.environ | env
    )
    try:
        yield Process(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
