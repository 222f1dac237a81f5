"""Running Node's programs from a test, while the server answers them from the test's own event loop."""

import asyncio
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


class Failed(Exception):
    """Raised when a program ends with another status than 0: its words are the message."""


async def run(program: str, *arguments: str | Path, cwd: Path = HERE) -> str:
    """
    Run `node program arguments…` and give what it printed, to both of its outputs. *program* is a path from here.

    Raises `Failed`. Fails the test where Node or the packages of `package-lock.json` aren't installed.
    """
    node = shutil.which("node")
    if node is None:
        pytest.fail("Node is missing: install Node 20 or newer, so that `node` and `npm` are on the path.")
    if not (HERE / "node_modules" / ".package-lock.json").exists():
        pytest.fail("The Node packages of the clients are missing: run `npm ci` in tests/clients.")
    process = await asyncio.create_subprocess_exec(
        node,
        HERE / program,
        *arguments,
        cwd=cwd,
        env=os.environ | {"NO_COLOR": "1"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        printed = (await process.communicate())[0].decode()
    except BaseException:
        process.kill()
        await process.wait()
        raise
    if process.returncode != 0:
        raise Failed(f"`{program}` ended with {process.returncode}:\n{printed}")
    return printed


def closing(printed: str) -> Any:
    """Read the JSON in the last line of what a program printed."""
    return json.loads(printed.splitlines()[-1])
