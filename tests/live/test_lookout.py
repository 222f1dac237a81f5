"""What another process commits is noticed within moments, also when it could not be read at first."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, update

from chatgraph import lookout
from chatgraph.chat import Chat
from chatgraph.errors import Unavailable
from chatgraph.events.hub import Hub
from chatgraph.store.postgres.database import LOOK_SECONDS
from chatgraph.store.sqlite.database import SqliteDatabase
from chatgraph.store.sqlite.watching import watching
from chatgraph.store.tables import sessions, sign_outs
from tests.conftest import Server
from tests.live.guests import Guest, Place, make_guests, make_place, say
from tests.live.listeners import Listener, until
from tests.outside import Outside


def end_session(chat: Chat, guest: Guest) -> None:
    """End a session as another process does."""
    outside, now = Outside(chat.database), datetime.now(UTC)
    outside.run(update(sessions).where(sessions.c.id == guest.viewer.session_id).values(end_time=now))
    [(seq,)] = outside.run("UPDATE counters SET value = value + 1 RETURNING value")
    outside.run(insert(sign_outs).values(seq=seq, user_id=guest.viewer.user_id, time=now))


async def listen(server: Server) -> tuple[Guest, Place, Listener]:
    """Let a guest listen, until they follow a feed."""
    owner, guest = await make_guests(server.chat, 2)
    place = await make_place(server.chat, owner.viewer, [guest.viewer])
    listener = Listener(server.url, guest.token, place.house_id)
    await listener.connect()
    feeds = server.app.state.live.feeds
    await until(lambda: any(feed.followers for feed in feeds.values()))
    return guest, place, listener


def test_what_is_noticed_late_is_noticed_within_a_second() -> None:
    # A look, and one more tick, by which the word of what was seen may still come.
    assert LOOK_SECONDS + 2 * lookout.EVERY_SECONDS < 1


async def test_a_session_that_another_process_ends_is_noticed_soon(server: Server, looks: list[bool]) -> None:
    guest, _, listener = await listen(server)
    end_session(server.chat, guest)
    looks.clear()
    end = await listener.until_ended()
    assert (end.how, end.code) == ("close", 4401)
    assert len(looks) <= 2  # one may have begun before
    await listener.drop()


async def test_a_session_that_ends_by_itself_is_noticed_however_often_others_commit(
    server: Server, looks: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookout, "AT_LEAST_SECONDS", 1)
    monkeypatch.setattr(Hub, "knows_all", False)  # so it looks each time
    guest, _, listener = await listen(server)
    await until(lambda: bool(looks))  # the first asks anyway
    now = datetime.now(UTC)
    Outside(server.chat.database).run(
        update(sessions).where(sessions.c.id == guest.viewer.session_id).values(expire_time=now)
    )
    assert (await listener.until_ended()).code == 4401
    await listener.drop()


async def test_what_could_not_be_read_is_looked_at_again(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest, _, listener = await listen(server)
    failed, read_sign_outs = 0, lookout.read_sign_outs

    async def busy_at_first(*given) -> list[tuple[int, int]]:
        nonlocal failed
        failed += 1
        if failed < 3:
            raise Unavailable("The database can't be read now.")
        return await read_sign_outs(*given)

    monkeypatch.setattr(lookout, "read_sign_outs", busy_at_first)
    end_session(server.chat, guest)
    assert (await listener.until_ended()).code == 4401
    await listener.drop()


@pytest.mark.sqlite
async def test_nobody_looks_while_nothing_is_committed(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest, place, listener = await listen(server)
    asked, looks, look = 0, 0, lookout.LookOut._look
    mine = lookout.LookOut(server.chat.database, server.chat.hub)  # beside the server's own

    @contextmanager
    def counted(database: SqliteDatabase) -> Iterator[Callable[[], bool]]:
        with watching(database.path) as changed:

            def ask() -> bool:
                nonlocal asked
                asked += 1
                return changed()

            yield ask

    async def counted_look(look_out: lookout.LookOut, late: bool) -> bool:
        nonlocal looks
        looks += look_out is mine
        return await look(look_out, late)

    monkeypatch.setattr(SqliteDatabase, "watching", counted)
    monkeypatch.setattr(lookout.LookOut, "_look", counted_look)
    monkeypatch.setattr(lookout, "EVERY_SECONDS", 0)
    monkeypatch.setattr(lookout, "AT_LEAST_SECONDS", 3600)
    looking_out = asyncio.create_task(mine.run())
    await until(lambda: looks == 1 and asked > 1)  # nobody knows what was before
    before = asked
    await until(lambda: asked > before + 100)
    assert looks == 1
    await say(server.chat, guest.viewer, place.room)
    await until(lambda: looks > 1)
    looking_out.cancel()
    await listener.drop()
