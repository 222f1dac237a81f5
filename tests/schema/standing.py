"""A server for longer than one test."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from chatgraph.settings import Settings
from tests.conftest import SECRET, Server, running


@asynccontextmanager
async def standing_server(empty_database: Path, folder: Path, **changed: Any) -> AsyncIterator[Server]:
    """Run a server, without rates unless they are given, on a copy of *empty_database* in *folder*."""
    shutil.copy(empty_database, folder / "chat.db")
    url = f"sqlite+aiosqlite:///{folder / 'chat.db'}"
    given = {"_env_file": None, "database_url": url, "secret_key": SECRET, "rate_limits": False, **changed}
    async with running(Settings(**given)) as started:
        yield started
