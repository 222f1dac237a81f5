"""Connections on which bytes are sent and answered as they are."""

from collections.abc import AsyncIterator

import pytest

from tests.conftest import Server
from tests.server.lines import Dial, Line, dialled


@pytest.fixture
async def dial(server: Server) -> AsyncIterator[Dial]:
    """Open connections, which are closed after the test."""
    lines: list[Line] = []

    async def dial() -> Line:
        lines.append(await dialled(server.url))
        return lines[-1]

    yield dial
    for line in lines:
        await line.hang_up()
