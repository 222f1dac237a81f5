"""GraphiQL, opened in a real browser."""

import os
import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tests.conftest import Server

if TYPE_CHECKING:  # `make test` does without it
    from playwright.async_api import Page

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
QUERY_EDITOR = ".graphiql-query-editor"
HEADERS_EDITOR = ".graphiql-editor-tool .graphiql-editor:not(.hidden)"
RESULT = ".result-window"


@dataclass
class Visit:
    """An open page, and everything that the browser asked for or complained about since it was opened."""

    page: "Page"
    origin: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def strays(self) -> list[str]:
        return [url for url in self.requests if not url.startswith((f"{self.origin}/", "data:"))]

    async def write_headers(self, text: str) -> None:
        await self._write(HEADERS_EDITOR, text)

    async def run(self, query: str) -> None:
        """Run *query*, which has one operation: with several, the button opens a menu, until the text is parsed."""
        await self._write(QUERY_EDITOR, query)
        # GraphiQL reads the name a moment after the text is written; until then it sends the one before.
        if named := re.match(r"\s*(?:query|mutation|subscription) (\w+)", query):
            await self.page.locator(".graphiql-tab").get_by_text(named[1], exact=True).wait_for()
        await self.page.locator(".graphiql-execute-button:not([aria-haspopup])").click()

    async def result(self, holds: str) -> str:
        """Give the result as soon as it *holds* a text."""
        await self.page.locator(RESULT).filter(has_text=holds).wait_for()
        return await self.page.locator(f"{RESULT} .CodeMirror").evaluate(
            "element => element.CodeMirror.getValue()"
        )

    async def press(self, button: str) -> None:
        await self.page.get_by_role("button", name=button).click()

    async def see(self, text: str, within: str = "body") -> None:
        """Wait until *text* can be seen."""
        await self.page.locator(within).get_by_text(text).first.wait_for()

    async def _write(self, editor: str, text: str) -> None:
        await self.page.locator(f"{editor} .CodeMirror").first.evaluate(
            "(element, text) => element.CodeMirror.setValue(text)", text
        )


@pytest.fixture
async def visit(server: Server) -> AsyncIterator[Visit]:
    """A newcomer's visit to `/graphql`."""
    try:
        from playwright.async_api import async_playwright
    except ImportError:
        pytest.fail("Playwright is missing: run `pip install -e '.[check]'`.")
    chromium = os.environ.get("CHATGRAPH_CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        pytest.fail("Chromium is missing: run `apt install chromium`, or name one in CHATGRAPH_CHROMIUM.")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        context = await browser.new_context(viewport={"width": 1400, "height": 900})
        page = await context.new_page()
        visit = Visit(page, server.url)
        page.on("request", lambda request: visit.requests.append(request.url))
        page.on("websocket", lambda socket: visit.requests.append(socket.url.replace("ws", "http", 1)))
        page.on("pageerror", lambda error: visit.complaints.append(f"page error: {error}"))
        page.on(
            "console",
            lambda message: visit.complaints.append(f"{message.type}: {message.text} {message.location}"),
        )
        await page.goto(f"{server.url}/graphql")
        yield visit
        await browser.close()
