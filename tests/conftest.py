"""What every test may ask for: a running server on a fresh database, and the cast."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import uvicorn
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from starlette.applications import Starlette

from chatgraph.app import create_app
from chatgraph.chat import Chat
from chatgraph.server.running import SOCKETS
from chatgraph.settings import Settings
from tests.bare import Postgres
from tests.cast import Cast
from tests.databases import ON_SQLITE, Empty, empty_database_in, postgres_server
from tests.prompt import PromptServer

# What tests have to say at the end, beside that they passed.
LINES = pytest.StashKey[list[str]]()
SECRET = "a secret for tests alone, of 32 bytes or more"
# A slow machine is no failure: no example that is tried says anything of time.
PATIENT = {"deadline": None, "suppress_health_check": [hypothesis.HealthCheck.too_slow]}
hypothesis.settings.register_profile("patient", **PATIENT)
hypothesis.settings.load_profile("patient")


@dataclass
class Server:
    """A server that listens on a real socket of this machine, in the test's own event loop."""

    url: str
    app: Starlette
    chat: Chat
    answering: set[asyncio.Task[None]]  # what is under way


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Empty]:
    """A database as a new server has it, to be copied."""
    with empty_database_in(tmp_path_factory.mktemp("database")) as empty:
        yield empty


@pytest.fixture
def database_url(empty_database: Empty, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh database."""
    url = empty_database.copy(tmp_path)
    yield url
    empty_database.drop(url)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server, whichever database the other tests run on."""
    with postgres_server() as address:
        yield Postgres(address)


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database of each kind in which there is nothing yet."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'bare.db'}"
    return request.getfixturevalue("postgres").create()


@pytest.fixture
def make_settings(database_url: str) -> Callable[..., Settings]:
    """Make settings for a test: a fresh database, no rates unless they are what is tested."""

    def make(**changed: Any) -> Settings:
        given = {"database_url": database_url, "secret_key": SECRET, "rate_limits": False, **changed}
        return Settings(_env_file=None, **given)  # pyright: ignore[reportCallIssue]

    return make


@asynccontextmanager
async def running(settings: Settings, **options: Any) -> AsyncIterator[Server]:
    """Run a server for as long as it is wanted."""
    app = create_app(settings, PasswordHasher.from_parameters(CHEAPEST))
    given = {**SOCKETS, "timeout_graceful_shutdown": 5, **options}
    config = uvicorn.Config(app, port=0, log_config=None, lifespan="on", **given)
    # uvicorn turns its loggers off for the whole process, and not on again.
    logging.getLogger("uvicorn.access").propagate = config.access_log
    server = PromptServer(config)
    await server.begin()
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Server(f"http://127.0.0.1:{port}", app, app.state.chat, server.server_state.tasks)
    finally:
        app.state.live.stop()
        await server.end()


@pytest.fixture
async def server(make_settings: Callable[..., Settings]) -> AsyncIterator[Server]:
    """A running server without rates."""
    async with running(make_settings()) as started:
        yield started


@pytest.fixture
async def cast(server: Server) -> AsyncIterator[Cast]:
    """Ada, Ben and Cleo, registered and signed in."""
    async with Cast(server.url) as cast:
        await cast.enter()
        yield cast


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about the database that the tests don't run on."""
    other = "postgresql" if ON_SQLITE else "sqlite"
    config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker(other)])
    items[:] = [item for item in items if not item.get_closest_marker(other)]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand what a process has to say to the one that prints."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["lines"] = session.config.stash.get(LINES, [])  # pyright: ignore


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take what a process had to say."""
    lines = node.config.stash.setdefault(LINES, [])
    lines += getattr(node, "workeroutput", {}).get("lines", [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print what the tests had to say."""
    for line in config.stash.get(LINES, []):
        terminalreporter.write_line(line)
