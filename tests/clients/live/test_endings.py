"""The guide to live talks, where the server, a token, a session, the journal or the right to listen ends."""

from datetime import UTC, datetime, timedelta

import pytest

from chatgraph.store.journal import forget
from chatgraph.store.rows import Connection
from tests.clients.live.conftest import Stage
from tests.clients.live.test_examples import CLIENTS, SOCKETS, heard, shows

pytestmark = pytest.mark.tools


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_restart_of_the_server_loses_nothing(stage: Stage, client: str) -> None:
    ada = stage.cast.ada
    async with stage.show(client) as page:
        await page.hear_until(**shows())
        await ada.post_talk(stage.room, "before")
        await page.hear_until(heard="TalkPosted", seq=1)
        await stage.restart()
        await ada.post_talk(stage.room, "after")
        await page.hear_until(heard="TalkPosted", seq=2)
    assert heard(page) == [("TalkPosted", 1), ("TalkPosted", 2)]
    assert ({"closed": 1012} in page.said) is (client in SOCKETS)


async def test_a_connection_that_is_dead_without_being_closed_is_found_and_replaced(stage: Stage) -> None:
    module = stage.folder / "socket.js"
    text = module.read_text("utf-8")
    assert "keepAlive: 10_000" in text
    assert "client.terminate(), 5_000" in text
    hurried = text.replace("keepAlive: 10_000", "keepAlive: 500").replace(
        "terminate(), 5_000", "terminate(), 500"
    )
    module.write_text(hurried, "utf-8")
    ada = stage.cast.ada
    async with stage.show("graphql-ws") as page:
        await page.hear_until(**shows())
        await ada.post_talk(stage.room, "before")
        await page.hear_until(heard="TalkPosted", seq=1)
        stage.wire.clog()
        await ada.post_talk(stage.room, "into the void")
        await page.hear_until(heard="TalkPosted", seq=2)
    assert heard(page) == [("TalkPosted", 1), ("TalkPosted", 2)]


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_token_that_expires_is_renewed_and_nothing_is_lost(stage: Stage, client: str) -> None:
    ada, tokens = stage.cast.ada, stage.server.chat.tokens
    tokens.access_seconds = 8  # longer than a page takes to begin
    async with stage.show(
        client, expiresIn=600
    ) as page:  # its clock is slow: it thinks that the token is good
        await page.hear_until(**shows())
        await ada.post_talk(stage.room, "with the first token")
        await page.hear_until(heard="TalkPosted", seq=1)
        tokens.access_seconds = 600
        await page.hear_until(refreshed=True)
        await ada.post_talk(stage.room, "with the second")
        await page.hear_until(heard="TalkPosted", seq=2)
    assert heard(page) == [("TalkPosted", 1), ("TalkPosted", 2)]
    assert ({"closed": 4403} in page.said) is (client in SOCKETS)


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_token_that_expires_while_nobody_can_be_reached_is_renewed_later(
    stage: Stage, client: str
) -> None:
    ada = stage.cast.ada
    stage.server.chat.tokens.access_seconds = 8  # so close to its end that each connection asks for another
    async with stage.show(client) as page:
        await page.hear_until(**shows())
        await ada.post_talk(stage.room, "before")
        await page.hear_until(heard="TalkPosted", seq=1)
        stage.wire.cut()
        await stage.wire.knocked.wait()
        await ada.post_talk(stage.room, "between")
        stage.wire.mend()
        await page.hear_until(heard="TalkPosted", seq=2)
    assert heard(page) == [("TalkPosted", 1), ("TalkPosted", 2)]


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_session_that_ends_is_told_to_the_page(stage: Stage, client: str) -> None:
    async with stage.show(client) as page:
        await page.hear_until(**shows())
        await stage.cast.ada.post_talk(stage.room)
        await page.hear_until(heard="TalkPosted", seq=1)
        await stage.cast.ben.do("logout", "ok", refreshToken=stage.session)
        await page.hear_until(ended="4401" if client in SOCKETS else "SignedOut")


@pytest.mark.parametrize("client", CLIENTS)
async def test_somebody_who_is_banned_is_told_and_hears_nothing_more(stage: Stage, client: str) -> None:
    ada = stage.cast.ada
    async with stage.show(client) as page:
        await page.hear_until(**shows())
        await ada.post_talk(stage.room)
        await page.hear_until(heard="TalkPosted", seq=1)
        await ada.ban(stage.cast.ben, stage.house)
        await ada.post_talk(stage.room)
        await page.hear_until(ended="FORBIDDEN")
    assert heard(page) == [("TalkPosted", 1), ("MemberLeft", None)]


@pytest.mark.parametrize("client", CLIENTS)
async def test_a_page_that_was_away_for_longer_than_the_journal_reaches_begins_anew(
    stage: Stage, client: str
) -> None:
    ada = stage.cast.ada

    async def forget_all(db: Connection) -> int:
        return await forget(db, datetime.now(UTC) + timedelta(hours=1), 1000)

    async with stage.show(client) as page:
        await page.hear_until(**shows())
        await ada.post_talk(stage.room, "one")
        await page.hear_until(heard="TalkPosted", seq=1)
        stage.wire.cut()
        await ada.post_talk(stage.room, "two")
        assert await stage.server.chat.database.write(forget_all) > 0
        stage.wire.mend()
        await page.hear_until(**shows([1, "one"], [2, "two"]))
        await ada.post_talk(stage.room, "three")
        await page.hear_until(heard="TalkPosted", seq=3)
    assert heard(page) == [("TalkPosted", 1), ("TalkPosted", 3)]
