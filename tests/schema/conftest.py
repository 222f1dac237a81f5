"""Servers that stand for all the tests of a module: for those that only read, or don't mind what others wrote."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
import pytest_asyncio

from tests.cast import Cast
from tests.conftest import Server
from tests.databases import Empty
from tests.schema.standing import standing_server

Stand = Callable[..., AbstractAsyncContextManager[Server]]


@pytest.fixture(scope="session")
def stand(empty_database: Empty, tmp_path_factory: pytest.TempPathFactory) -> Stand:
    """Run a server on a fresh database; tests that share one share its loop: `asyncio(loop_scope="module")`."""

    def start(**changed: Any) -> AbstractAsyncContextManager[Server]:
        return standing_server(empty_database, tmp_path_factory.mktemp("standing"), **changed)

    return start


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def standing(stand: Stand) -> AsyncIterator[Server]:
    """A running server without rates."""
    async with stand() as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def company(standing: Server) -> AsyncIterator[Cast]:
    """Ada, Ben and Cleo on the standing server."""
    async with Cast(standing.url) as cast:
        await cast.enter()
        yield cast
