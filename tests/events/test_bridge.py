"""Who was at another server is there until that says otherwise, or says nothing for long."""

import pytest

from chatgraph.events import bridge
from chatgraph.events.bridge import Bridge
from chatgraph.events.hub import Hub
from chatgraph.events.presence import Presence
from tests.live.wires import until


async def test_who_was_at_the_last_other_server_is_gone_once_that_is_silent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moved: list[int] = []
    presence = Presence(moved.append)
    between = Bridge(Hub(), presence)
    monkeypatch.setattr(bridge, "SILENT_SECONDS", 0.01)
    between.hear("other", ["+7"])
    assert presence.is_online(7)
    await until(lambda: not presence.is_online(7))
    assert moved == [7, 7]
    between.hear("other", ["+7"])  # it was only slow
    assert presence.is_online(7)
    between.close()


async def test_a_server_that_beats_is_not_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    presence = Presence(lambda _: None)
    between = Bridge(Hub(), presence)
    monkeypatch.setattr(bridge, "SILENT_SECONDS", 3600)
    between.hear("other", ["+7"])
    first = between._silences["other"]
    between.hear("other", [])
    assert first.cancelled()
    assert presence.is_online(7)
    between.close()
    assert not between._silences
