"""GraphiQL as a person meets it: in a real browser, against a real server."""

import json
import os
import secrets
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient
from playwright.async_api import Page, async_playwright, expect

pytestmark = pytest.mark.tools

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PASSWORD = "nine violet teapots orbit"
WHO_AND_WHERE = """
query WhoAndWhere {
  viewer { username }
  houses(first: 3) {
    nodes { id name }
  }
}
""".strip()
QUERY_EDITOR, HEADERS_EDITOR, RESULT = (
    ".graphiql-query-editor",
    ".graphiql-editor-tool .graphiql-editor:not(.hidden)",
    ".result-window",
)


@dataclass
class Visit:
    """An open page, and everything that the browser asked for or complained about since it was opened."""

    page: Page
    origin: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def strays(self) -> list[str]:
        return [url for url in self.requests if not url.startswith((f"{self.origin}/", "data:"))]

    async def write(self, editor: str, text: str) -> None:
        await self.page.locator(f"{editor} .CodeMirror").first.evaluate(
            "(element, text) => element.CodeMirror.setValue(text)", text
        )

    async def run(self, query: str) -> None:
        """Run *query*, which has one operation: with several, the button opens a menu, until the text is parsed."""
        await self.write(QUERY_EDITOR, query)
        await self.page.locator(".graphiql-execute-button:not([aria-haspopup])").click()

    async def result(self) -> str:
        return await self.page.locator(f"{RESULT} .CodeMirror").evaluate(
            "element => element.CodeMirror.getValue()"
        )


@pytest.fixture
async def visit(server: Any) -> AsyncIterator[Visit]:
    chromium = os.environ.get("CHATGRAPH_CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        pytest.fail("Chromium is missing: run `apt install chromium`, or name one in CHATGRAPH_CHROMIUM.")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = await browser.new_page(viewport={"width": 1400, "height": 900})
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


@pytest.fixture
async def ada(server: Any) -> tuple[str, str]:
    """A user who has just signed in: the username and the access token."""
    username = f"ada{secrets.token_hex(4)}"
    credentials = f'{{username: "{username}", password: "{PASSWORD}"}}'
    async with AsyncClient(base_url=server.url) as client:
        for field_and_selection in (
            "register(input: %s) { user { id } }",
            "login(input: %s) { accessToken }",
        ):
            mutation = "mutation { " + field_and_selection % credentials + " }"
            answer = await client.post("/graphql", json={"query": mutation})
            assert "errors" not in answer.json(), answer.text
    return username, answer.json()["data"]["login"]["accessToken"]


async def test_a_token_in_the_headers_tab_says_who_is_asking(
    visit: Visit, ada: tuple[str, str], tmp_path: Path
) -> None:
    username, token = ada
    await visit.write(HEADERS_EDITOR, json.dumps({"Authorization": f"Bearer {token}"}))
    await visit.run(WHO_AND_WHERE)
    await expect(visit.page.locator(RESULT)).to_contain_text(username)
    assert json.loads(await visit.result())["data"].keys() == {"viewer", "houses"}

    await visit.page.get_by_role("button", name="Show Documentation Explorer").click()
    for name in ("Query", "Mutation", "Subscription"):
        await expect(
            visit.page.locator(".graphiql-doc-explorer-content").get_by_text(name).first
        ).to_be_visible()

    await visit.page.screenshot(path=os.environ.get("CHATGRAPH_SCREENSHOT") or tmp_path / "graphiql.png")
    assert visit.strays == []
    assert visit.complaints == []
    stored = await visit.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert username not in stored
    assert token not in stored


async def test_a_subscription_listens_with_the_token_of_the_headers_tab(
    visit: Visit, ada: tuple[str, str]
) -> None:
    sent: list[str] = []
    visit.page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(str(frame))))
    headers = {"Authorization": f"Bearer {ada[1]}"}
    await visit.write(HEADERS_EDITOR, json.dumps(headers))
    await visit.run("subscription { thereIsNoSuchField }")
    await expect(visit.page.locator(RESULT)).to_contain_text("Cannot query field")
    assert json.loads(sent[0]) == {"type": "connection_init", "payload": headers}
    assert visit.strays == []
    assert visit.complaints == []


async def test_dialogs_open_under_the_policy(visit: Visit) -> None:
    await visit.page.get_by_role("button", name="Open settings dialog").click()
    await expect(visit.page.get_by_text("Persist headers")).to_be_visible()
    await visit.page.keyboard.press("Escape")
    await visit.page.get_by_role("button", name="Open short keys dialog").click()
    await expect(visit.page.get_by_text("Short Keys").first).to_be_visible()
    # Each dialog makes a stylesheet: without the nonce both are refused. The warning is GraphiQL's own.
    assert [complaint for complaint in visit.complaints if "aria-describedby" not in complaint] == []


async def test_the_policy_stops_what_is_inline_or_from_outside(visit: Visit) -> None:
    await visit.page.evaluate(
        """() => {
            document.body.append(Object.assign(document.createElement("script"), {text: "window.inline = 1"}));
            document.body.append(Object.assign(new Image(), {src: "https://elsewhere.test/pixel.png"}));
        }"""
    )
    await visit.page.wait_for_timeout(200)
    assert await visit.page.evaluate("window.inline") is None
    assert sum("Content Security Policy" in complaint for complaint in visit.complaints) == 2


async def test_a_server_that_is_gone_shows_as_a_sentence_in_the_result(visit: Visit) -> None:
    await expect(visit.page.get_by_role("button", name="Execute query")).to_be_visible()
    await visit.page.route("**/graphql", lambda route: route.abort())
    await visit.run("{ __typename }")
    await expect(visit.page.locator(RESULT)).to_contain_text("The server did not answer")
