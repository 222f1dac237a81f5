"""The guide to live talks, where a subscription comes too soon, or couldn't be resumed."""

import pytest

from chatgraph.errors import ChatError, RateLimited, Unavailable
from chatgraph.viewer import Viewer
from tests.clients.live.conftest import Stage
from tests.clients.live.test_examples import CLIENTS, heard
from tests.clients.node import Failed

pytestmark = pytest.mark.tools

TOO_SOON = [RateLimited("queries", 100, 5, retry_after=1), Unavailable(retry_after=1)]


async def refuse(stage: Stage, monkeypatch: pytest.MonkeyPatch, error: ChatError) -> None:
    """Break the connection, and refuse twice what comes after it."""
    stage.wire.cut()
    await stage.cast.ada.post_talk(stage.room, "between")
    await stage.wire.knocked.wait()
    rates, left = stage.server.chat.rates, [error, error]
    spend = rates.spend_query

    async def too_soon(viewer: Viewer) -> None:
        if left:
            raise left.pop()
        await spend(viewer)

    monkeypatch.setattr(rates, "spend_query", too_soon)
    stage.wire.mend()


@pytest.mark.parametrize("error", TOO_SOON, ids=lambda error: error.code)
@pytest.mark.parametrize("client", CLIENTS)
async def test_a_subscription_that_comes_too_soon_is_sent_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, client: str, error: ChatError
) -> None:
    async with stage.show(client) as page:
        await page.hear_until(ready=True)
        await stage.cast.ada.post_talk(stage.room, "before")
        await page.hear_until(heard="TalkPosted", seq=1)
        await refuse(stage, monkeypatch, error)
        await page.hear_until(heard="TalkPosted", seq=2)
    assert heard(page) == [("TalkPosted", 1), ("TalkPosted", 2)]


async def test_without_a_pause_it_would_end(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    resuming = stage.folder / "resuming.js"
    text = resuming.read_text("utf-8")
    assert "if (!listens) " in text
    resuming.write_text(text.replace("if (!listens) ", ""), "utf-8")
    async with stage.show("graphql-ws") as page:
        await page.hear_until(ready=True)
        await refuse(stage, monkeypatch, TOO_SOON[0])
        await page.hear_until(ended="RATE_LIMITED")


@pytest.mark.parametrize("client", ["graphql-ws", "graphql-sse"])
async def test_a_subscription_without_the_variable_after_is_a_mistake(stage: Stage, client: str) -> None:
    documents = stage.folder / "documents.js"
    documents.write_text(documents.read_text("utf-8").replace("$after", "$since"), "utf-8")
    async with stage.show(client) as page:
        with pytest.raises(Failed, match=r"`after` must be the variable `\$after`"):
            await page.hear_until(ready=True)


@pytest.mark.parametrize("client", ["graphql-ws", "graphql-sse"])
async def test_an_event_without_its_cursor_is_a_mistake(stage: Stage, client: str) -> None:
    documents = stage.folder / "documents.js"
    text = documents.read_text("utf-8")
    assert "    cursor\n" in text
    documents.write_text(text.replace("    cursor\n", ""), "utf-8")
    async with stage.show(client) as page:
        await page.hear_until(ready=True)
        await stage.cast.ada.post_talk(stage.room)
        await page.hear_until(ended="Error")
    assert heard(page) == []
