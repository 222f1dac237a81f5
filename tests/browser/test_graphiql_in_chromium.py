"""GraphiQL as a person meets it: in a real browser, against a real server."""

import json
import os
from pathlib import Path

import pytest

from tests.browser.conftest import Visit
from tests.cast import Cast

pytestmark = pytest.mark.tools

WHO_AND_WHERE = """
query WhoAndWhere {
  viewer { username }
  houses(first: 3) {
    nodes { name }
  }
}
""".strip()
EXPLORER = ".graphiql-doc-explorer-content"


async def test_a_token_in_the_headers_tab_says_who_is_asking(visit: Visit, cast: Cast) -> None:
    await cast.ada.create_house("The Analytical Engine")
    await visit.write_headers(json.dumps(cast.ada.headers))
    await visit.run(WHO_AND_WHERE)
    data = json.loads(await visit.result(holds="viewer"))["data"]
    assert data["viewer"] == {"username": "ada"}
    assert {"name": "The Analytical Engine"} in data["houses"]["nodes"]
    assert visit.strays == []
    assert visit.complaints == []


async def test_the_token_is_not_kept_by_the_browser(visit: Visit, cast: Cast) -> None:
    token = cast.ada.headers["Authorization"].removeprefix("Bearer ")
    await visit.write_headers(json.dumps(cast.ada.headers))
    await visit.run("{ viewer { displayName } }")
    await visit.result(holds="ada")
    stored = await visit.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "displayName" in stored
    assert token not in stored


async def test_the_explorer_explains_the_schema(visit: Visit, cast: Cast, tmp_path: Path) -> None:
    await cast.ada.post_talk(await cast.ada.create_room(await cast.ada.create_house()))
    await visit.write_headers(json.dumps(cast.ada.headers))
    await visit.run(WHO_AND_WHERE)
    await visit.result(holds="ada")
    await visit.press("Show Documentation Explorer")
    for root in ("Query", "Mutation"):
        await visit.see(root, within=EXPLORER)
    await visit.page.locator(EXPLORER).get_by_text("Query", exact=True).click()
    await visit.see("Who is asking; null for who isn't signed in.", within=EXPLORER)
    await visit.page.screenshot(path=os.environ.get("CHATGRAPH_SCREENSHOT") or tmp_path / "graphiql.png")
    assert visit.strays == []
    assert visit.complaints == []


async def test_dialogs_open_under_the_policy(visit: Visit) -> None:
    await visit.press("Open settings dialog")
    await visit.see("Persist headers")
    await visit.page.keyboard.press("Escape")
    await visit.press("Open short keys dialog")
    await visit.see("Short Keys")
    # Each dialog makes a stylesheet: without the nonce both are refused. The warning is GraphiQL's own.
    assert [complaint for complaint in visit.complaints if "aria-describedby" not in complaint] == []


async def test_the_policy_stops_what_is_inline_or_from_outside(visit: Visit) -> None:
    async with (
        visit.page.expect_console_message(lambda message: "script-src" in message.text),
        visit.page.expect_console_message(lambda message: "img-src" in message.text),
    ):
        await visit.page.evaluate(
            """() => {
            document.body.append(Object.assign(document.createElement("script"), {text: "window.inline = 1"}));
            document.body.append(Object.assign(new Image(), {src: "https://elsewhere.test/pixel.png"}));
        }"""
        )
    assert await visit.page.evaluate("window.inline") is None
    assert sum("Content Security Policy" in complaint for complaint in visit.complaints) == 2


async def test_a_server_that_is_gone_shows_as_a_sentence_in_the_result(visit: Visit) -> None:
    await visit.page.get_by_role("button", name="Execute query").wait_for()
    await visit.page.route("**/graphql", lambda route: route.abort())
    await visit.run("{ __typename }")
    await visit.result(holds="The server did not answer")
