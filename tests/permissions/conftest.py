"""One server for the whole folder, and the line that tells what the matrix found."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.conftest import LINES
from tests.databases import Empty
from tests.permissions.judge import Report
from tests.permissions.scene import Scene, staged

REPORT = pytest.StashKey[Report]()


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def scene(empty_database: Empty, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    """Both worlds on a running server; whoever changes them brings them back to how they were."""
    async with staged(empty_database, tmp_path_factory.mktemp("permissions")) as scene:
        yield scene


@pytest.fixture(scope="session")
def report(pytestconfig: pytest.Config) -> Report:
    """What the matrix found so far; it is told at the end."""
    return pytestconfig.stash.setdefault(REPORT, Report())


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Leave the line to whoever tells what the tests of all processes found."""
    if REPORT in session.config.stash:
        session.config.stash.setdefault(LINES, []).append(
            f"permission matrix: {session.config.stash[REPORT]}"
        )
