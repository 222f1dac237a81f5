"""Running Node's programs from a test, while the server answers them from the test's own event loop."""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


class Failed(Exception):
    """Raised when a program ends with another status than 0: its words are the message."""


class Program:
    """A program that runs beside the test, and talks with it in lines."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.said: list[Any] = []

    async def hear(self) -> Any:
        """Give the next line that it says, read as JSON. Raises `Failed` for one that isn't, and when it has ended."""
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        try:
            said = json.loads(line)
        except json.JSONDecodeError:
            rest = line + await self._process.stdout.read()
            raise Failed(f"It said, after {self.said}:\n{rest.decode()}") from None
        self.said.append(said)
        return said

    async def hear_until(self, *, seconds: float = 30, **wanted: Any) -> Any:
        """Give the next line that is an object with these values. Raises `Failed`, also when it takes too long."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    said = await self.hear()
                    if wanted.items() <= {key: said.get(key) for key in wanted}.items():
                        return said
        except TimeoutError:
            raise Failed(f"It didn't say {wanted}, only {self.said}") from None

    def tell(self, line: str) -> None:
        """Give it a line."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())


async def run(program: str, *arguments: str | Path, cwd: Path = HERE) -> str:
    """
    Run `node program arguments…` and give what it printed, to both of its outputs. *program* is a path from here.

    Raises `Failed`. Fails the test where Node or the packages of `package-lock.json` aren't installed.
    """
    async with _started(HERE / program, *arguments, cwd=cwd) as process:
        printed = (await process.communicate())[0].decode()
    if process.returncode != 0:
        raise Failed(f"`{program}` ended with {process.returncode}:\n{printed}")
    return printed


@asynccontextmanager
async def running_beside(program: Path, *arguments: str, **environment: str) -> AsyncIterator[Program]:
    """Run `node program arguments…` in its folder, until the test is done with it. Fails the test as `run` does."""
    async with _started(program, *arguments, cwd=program.parent, **environment) as process:
        yield Program(process)


@asynccontextmanager
async def _started(
    program: Path, *arguments: str | Path, cwd: Path, **environment: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    node = shutil.which("node")
    if node is None:
        pytest.fail("Node is missing: install Node 20 or newer, so that `node` and `npm` are on the path.")
    if not (HERE / "node_modules" / ".package-lock.json").exists():
        pytest.fail("The Node packages of the clients are missing: run `npm ci` in tests/clients.")
    process = await asyncio.create_subprocess_exec(
        node,
        program,
        *arguments,
        cwd=cwd,
        env=os.environ | {"NO_COLOR": "1"} | environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


def closing(printed: str) -> Any:
    """Read the JSON in the last line of what a program printed."""
    return json.loads(printed.splitlines()[-1])
