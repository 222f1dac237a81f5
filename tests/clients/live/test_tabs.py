"""The guide to live talks, in several tabs of a browser: they share one session, and a reload goes on with it."""

import json

import pytest

from tests.cast import PASSWORD
from tests.clients.live.conftest import Stage
from tests.clients.node import running_beside

pytestmark = pytest.mark.tools


async def told(stage: Stage) -> list[object]:
    credentials = {"username": "ben", "password": PASSWORD}
    tokens = await stage.cast.ben.do("login", "accessToken refreshToken expiresIn", **credentials)
    given = {"URL": stage.wire.url, "TOKENS": json.dumps(tokens)}
    async with running_beside(stage.folder / "tabs.mjs", **given) as tabs:
        return [await tabs.hear() for _ in range(4)]


async def test_two_tabs_refresh_once_and_a_reload_goes_on_with_what_they_have(stage: Stage) -> None:
    assert await told(stage) == [
        {"before": False, "after": True},
        {"shared": True, "replaced": True, "refreshed": 1},
        {"reloaded": True, "refreshed": 1},
        {"ended": "SignedOut"},
    ]


async def test_without_looking_first_each_tab_refreshes(stage: Stage) -> None:
    session = stage.folder / "session.js"
    text = session.read_text("utf-8")
    assert "async () => isGood() || " in text
    session.write_text(text.replace("async () => isGood() || ", "async () => "), "utf-8")
    [_, both, *_] = await told(stage)
    assert both == {"shared": False, "replaced": True, "refreshed": 2}
