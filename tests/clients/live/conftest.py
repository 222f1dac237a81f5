"""The program of the guides to live talks, laid out to be run, and a server behind a wire."""

import json
import re
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from chatgraph.settings import Settings
from tests.cast import PASSWORD, Cast
from tests.clients.live.wire import Wire
from tests.clients.node import HERE, Program, running_beside
from tests.conftest import Server, running

GUIDES = [HERE.parents[1] / "docs" / name for name in ("live-talks.md", "live-clients.md")]
MODULE = re.compile(r"^```js\n// (\S+)\n(.+?)^```$", re.MULTILINE | re.DOTALL)


@dataclass
class Stage:
    """A room that Ada and Ben are in, a server that can be restarted, and the wire that leads Ben there."""

    settings: Settings
    folder: Path
    server: Server
    cast: Cast
    wire: Wire
    house: str
    room: str
    running: AsyncExitStack = field(repr=False)

    @asynccontextmanager
    async def show(self, module: str, **believed: Any) -> AsyncIterator[Program]:
        """
        Show the room to Ben by a module of the guides, in a session of its own; `self.session` is its refresh token.

        *believed* is what the page takes for true of its tokens, whatever `login` said.
        """
        credentials = {"username": "ben", "password": PASSWORD}
        tokens = await self.cast.ben.do("login", "accessToken refreshToken expiresIn", **credentials)
        self.session = tokens["refreshToken"]
        given = {"URL": self.wire.url, "TOKENS": json.dumps(tokens | believed), "ROOM": self.room}
        async with running_beside(self.folder / "run.mjs", module, **given) as page:
            yield page

    async def restart(self) -> None:
        """Stop the server and start it again."""
        await self.running.aclose()
        self.server = await self.running.enter_async_context(running(self.settings))
        self.cast.http.base_url = self.server.url
        self.wire.mend(self.server.url)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the guides' modules, and the page that uses them."""
    made = tmp_path / "page"
    made.mkdir()
    for guide in GUIDES:
        for name, text in MODULE.findall(guide.read_text("utf-8")):
            (made / name).write_text(text, "utf-8")
    (made / "package.json").write_text('{"type": "module"}')
    (made / "node_modules").symlink_to(HERE / "node_modules")
    for program in (HERE / "live").glob("*.mjs"):
        shutil.copy(program, made)
    return made


@pytest.fixture
async def stage(make_settings: Callable[..., Settings], folder: Path) -> AsyncIterator[Stage]:
    settings = make_settings()
    async with AsyncExitStack() as servers:
        server = await servers.enter_async_context(running(settings))
        async with Cast(server.url) as cast, Wire(server.url) as wire:
            await cast.enter()
            house = await cast.ada.create_house()
            room = await cast.ada.create_room(house)
            await cast.ben.join(house)
            yield Stage(settings, folder, server, cast, wire, house, room, servers)
