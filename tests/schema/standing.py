"""A server for longer than one test."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from chatgraph.settings import Settings
from tests.conftest import SECRET, Server, running
from tests.databases import Empty


@asynccontextmanager
async def standing_server(empty_database: Empty, folder: Path, **changed: Any) -> AsyncIterator[Server]:
    """Run a server, without rates unless they are given, on a copy of *empty_database* in *folder*."""
    url = empty_database.copy(folder)
    given = {"_env_file": None, "database_url": url, "secret_key": SECRET, "rate_limits": False, **changed}
    try:
        async with running(Settings(**given)) as started:
            yield started
    finally:
        empty_database.drop(url)
