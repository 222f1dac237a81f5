"""A server that stands for all the tests of a module, which leave nothing behind on it and break nothing in it."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio

from chatgraph.lookout import LookOut
from chatgraph.operations.events import read_heads
from chatgraph.schema.live import pulses
from tests.cast import Cast
from tests.conftest import Server
from tests.databases import Empty
from tests.live.wires import left_behind, until
from tests.schema.standing import standing_server


class Complaints(logging.Handler):
    """What a server logs of what it didn't foresee."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record with its traceback."""
        self.texts.append(logging.Formatter().format(record))


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each look of a look-out could be read, of those that end from now on."""
    looked, look = list[bool](), LookOut._look

    async def noted(*given: Any) -> bool:
        looked.append(await look(*given))
        return looked[-1]

    monkeypatch.setattr(LookOut, "_look", noted)
    return looked


@pytest.fixture
def nobody_looks(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Have no server look any more what others wrote: it knows what they tell it."""

    async def see_nothing(*_: object) -> bool:
        return True

    return lambda: monkeypatch.setattr(LookOut, "_look", see_nothing)


@pytest.fixture
def pulse_begun(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Set once a pulse knows where it begins: what is said from then on is told."""
    begun = asyncio.Event()

    async def begin(*given: Any) -> dict[int, int]:
        heads = await read_heads(*given)
        begun.set()
        return heads

    monkeypatch.setattr(pulses, "read_heads", begin)
    return begun


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def standing(empty_database: Empty, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """A running server without rates."""
    async with standing_server(empty_database, tmp_path_factory.mktemp("standing")) as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def company(standing: Server) -> AsyncIterator[Cast]:
    """Ada, Ben and Cleo on the standing server."""
    async with Cast(standing.url) as cast:
        await cast.enter()
        yield cast


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hall(company: Cast) -> str:
    """A room of a house that Ada owns and Ben lives in."""
    house = await company.ada.create_house()
    await company.ben.join(house)
    return await company.ada.create_room(house)


@pytest_asyncio.fixture(loop_scope="module")
async def complaints(standing: Server) -> AsyncIterator[list[str]]:
    """See that the server complains of nothing; a test that makes it complain takes that off the list."""
    heard = Complaints()
    loggers = [logging.getLogger(name) for name in ("uvicorn.error", "asyncio", "chatgraph")]
    for logger in loggers:
        logger.addHandler(heard)
    yield heard.texts
    gc.collect(1)  # a task whose exception nobody asked for complains when it is thrown away
    for logger in loggers:
        logger.removeHandler(heard)
    assert not heard.texts


@pytest_asyncio.fixture(loop_scope="module")
async def tidy(standing: Server, complaints: list[str]) -> AsyncIterator[Server]:
    """The standing server, on which nothing may be left behind after the test."""
    yield standing
    await until(lambda: not left_behind(standing))
