"""The guide to live talks, by each client that it names: its program runs, and nothing is missed or told twice."""

from typing import Any

import pytest

from tests.clients.live.conftest import Stage
from tests.clients.node import Program

pytestmark = pytest.mark.tools

CLIENTS = ["graphql-ws", "urql", "apollo", "graphql-sse"]
SOCKETS = ["graphql-ws", "urql", "apollo"]


def heard(program: Program) -> list[tuple[str, int]]:
    """Give what was heard until now: the kind and the talk's seq."""
    return [(said["heard"], said.get("seq")) for said in program.said if "heard" in said]


def shows(*talks: list[Any]) -> dict[str, Any]:
    return {"talks": list(talks)}


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_room_is_loaded_followed_and_spoken_in(stage: Stage, client: str) -> None:
    ada = stage.cast.ada
    first = await ada.post_talk(stage.room, "one")
    second = await ada.post_talk(stage.room, "two")
    async with stage.show(client) as page:
        await page.hear_until(**shows([1, "one"], [2, "two"]))
        page.tell("three")
        assert (await page.hear_until(posted=3))["replayed"] is False
        await ada.do("editTalk", "talk { id }", talkId=first, content="uno")
        await ada.do("removeTalk", "talk { id }", talkId=second)
        await page.hear_until(**shows([1, "uno"], [2, None], [3, "three"]))
        page.tell("three")
        assert (await page.hear_until(posted=3))["replayed"] is True
        await ada.post_talk(stage.room, "four")
        await page.hear_until(**shows([1, "uno"], [2, None], [3, "three"], [4, "four"]))
    assert heard(page) == [("TalkPosted", 3), ("TalkEdited", 1), ("TalkRemoved", 2), ("TalkPosted", 4)]


@pytest.mark.parametrize("client", CLIENTS)
async def test_what_happens_while_the_connection_is_broken_is_told_after_it_once(
    stage: Stage, client: str
) -> None:
    ada = stage.cast.ada
    async with stage.show(client) as page:
        await page.hear_until(ready=True)
        for round_ in range(3):
            await ada.post_talk(stage.room, f"before {round_}")
            await page.hear_until(heard="TalkPosted", seq=3 * round_ + 1)
            stage.wire.cut()
            await ada.post_talk(stage.room, f"between {round_}")
            await ada.post_talk(stage.room, f"again {round_}")
            await stage.wire.knocked.wait()
            stage.wire.mend()
            await page.hear_until(heard="TalkPosted", seq=3 * round_ + 3)
    assert heard(page) == [("TalkPosted", seq) for seq in range(1, 10)]


async def test_without_the_last_cursor_a_client_is_told_the_same_again(stage: Stage) -> None:
    resuming = stage.folder / "resuming.js"
    text = resuming.read_text("utf-8")
    assert "if (cursor) " in text
    resuming.write_text(text.replace("if (cursor) ", "if (false) "), "utf-8")
    async with stage.show("graphql-ws") as page:
        await page.hear_until(ready=True)
        await stage.cast.ada.post_talk(stage.room, "before")
        await page.hear_until(heard="TalkPosted", seq=1)
        stage.wire.cut()
        await stage.cast.ada.post_talk(stage.room, "between")
        stage.wire.mend()
        await page.hear_until(heard="TalkPosted", seq=2)
    assert heard(page) == [("TalkPosted", 1), ("TalkPosted", 1), ("TalkPosted", 2)]
