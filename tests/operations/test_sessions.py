"""Sessions: who stays signed in, for how long, and what ends it."""

import asyncio
from collections.abc import Awaitable
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from chatgraph.chat import Chat
from chatgraph.credentials.tokens import digest
from chatgraph.errors import Unauthenticated
from chatgraph.models import Session, Window
from chatgraph.operations import sessions
from chatgraph.operations.work import Work
from chatgraph.store.proving import Proving, SessionEnded
from chatgraph.store.rows import Connection
from chatgraph.store.tables import refresh_tokens
from chatgraph.store.tables import sessions as kept
from chatgraph.viewer import ANONYMOUS, Viewer
from tests.cast import PASSWORD, Actor, Cast, Refused
from tests.conftest import Server
from tests.operations.people import Person, count
from tests.outside import Outside

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
VIEWER = "{ viewer { username } }"


async def refresh(actor: Actor, token: str) -> str:
    """Exchange a refresh token for the next one, and use the new access token from here on."""
    given = await actor.do("refresh", "accessToken refreshToken", refreshToken=token)
    actor.token = given["accessToken"]
    return given["refreshToken"]


async def answers(call: Awaitable[object]) -> bool:
    """Tell whether a call is answered, or refused because nobody knows who is asking."""
    try:
        await call
    except Refused as refused:
        if (refused.status, refused.code) != (401, "UNAUTHENTICATED"):
            raise
        return False
    return True


async def is_refused(actor: Actor, token: str) -> bool:
    return not await answers(refresh(actor, token))


async def is_signed_in(actor: Actor) -> bool:
    return await answers(actor.ask(VIEWER))


async def was_used(chat: Chat, token: str, ago: timedelta) -> None:
    """Make it so that a token was exchanged that long ago."""

    async def change(db: Connection) -> None:
        used = update(refresh_tokens).where(refresh_tokens.c.digest == digest(token))
        await db.execute(used.values(use_time=datetime.now(UTC) - ago))

    await chat.database.write(change)


async def rotate(chat: Chat, token: str, now: datetime) -> Session | None:
    """Exchange a token at a moment of choice."""
    digests = digest(token), digest(chat.tokens.successor(token))
    return await chat.database.write(lambda db: sessions._rotate(Work(db, ANONYMOUS, now), *digests))


async def set_times(chat: Chat, **times: datetime) -> None:
    async def change(db: Connection) -> None:
        await db.execute(update(kept).values(**times))

    await chat.database.write(change)


async def open_sessions(actor: Actor) -> list[dict[str, Any]]:
    found = await actor.ask("{ sessions { nodes { id agent current createTime useTime expireTime } } }")
    return found["sessions"]["nodes"]


async def test_a_refresh_gives_another_token_and_another_access(cast: Cast) -> None:
    first, access = cast.ada.refresh_token, cast.ada.token
    second = await refresh(cast.ada, first)
    third = await refresh(cast.ada, second)
    assert len({first, second, third}) == 3
    assert cast.ada.token != access
    assert await is_signed_in(cast.ada)


async def test_a_token_that_comes_back_after_its_successor_was_used_ends_the_session(cast: Cast) -> None:
    first = cast.ada.refresh_token
    second = await refresh(cast.ada, first)
    third = await refresh(cast.ada, second)
    assert await is_refused(cast.ada, first)
    assert await is_refused(cast.ada, second)
    assert await is_refused(cast.ada, third)
    assert not await is_signed_in(cast.ada)


async def test_a_retry_at_once_gives_the_same_successor(cast: Cast) -> None:
    first = cast.ada.refresh_token
    second = await refresh(cast.ada, first)
    assert await refresh(cast.ada, first) == second
    assert await is_signed_in(cast.ada)
    assert not await is_refused(cast.ada, second)


async def test_a_retry_is_one_for_10_seconds(chat: Chat, ada: Person) -> None:
    async with chat.visit() as visit:
        tokens, _ = await visit.carry_out(sessions.login, "ada", PASSWORD)
    now = datetime.now(UTC)
    for later, taken in ((0 * SECOND, True), (10 * SECOND, True), (10.001 * SECOND, False)):
        assert (await rotate(chat, tokens.refresh_token, now + later) is not None) is taken


async def test_a_retry_after_10_seconds_ends_the_session(cast: Cast, server: Server) -> None:
    first = cast.ada.refresh_token
    second = await refresh(cast.ada, first)
    await was_used(server.chat, first, 11 * SECOND)
    assert await is_refused(cast.ada, first)
    assert await is_refused(cast.ada, second)
    assert not await is_signed_in(cast.ada)


async def test_the_end_of_one_session_leaves_the_others(cast: Cast) -> None:
    elsewhere = Actor(cast.http, "ada")
    await elsewhere.sign_in()
    first = cast.ada.refresh_token
    await refresh(cast.ada, await refresh(cast.ada, first))
    assert await is_refused(cast.ada, first)
    assert await is_signed_in(elsewhere)
    assert not await is_refused(elsewhere, elsewhere.refresh_token)


async def test_50_parallel_uses_of_a_token_make_one_branch_which_works(cast: Cast, server: Server) -> None:
    actors = [Actor(cast.http, "ada") for _ in range(50)]
    given = await asyncio.gather(*(refresh(actor, cast.ada.refresh_token) for actor in actors))
    assert len(set(given)) == 1
    assert await count(server.chat, refresh_tokens) == 4
    assert all(await asyncio.gather(*(is_signed_in(actor) for actor in actors)))
    await refresh(cast.ada, given[0])


@pytest.mark.parametrize("token", ["", "nonsense", "cgr_", "cgr_" + "A" * 43])
async def test_a_token_that_never_was_is_refused_and_logs_nobody_out(cast: Cast, token: str) -> None:
    assert await is_refused(cast.stranger, token)
    assert (await cast.ada.do("logout", "ok", refreshToken=token))["ok"]
    assert await is_signed_in(cast.ada)


async def test_an_access_token_is_no_refresh_token(cast: Cast) -> None:
    assert await is_refused(cast.ada, cast.ada.token or "")
    assert await is_signed_in(cast.ada)


async def test_refresh_tokens_are_kept_as_digests(cast: Cast, server: Server) -> None:
    await refresh(cast.ada, cast.ada.refresh_token)
    content = Outside(server.chat.database).everything()
    assert digest(cast.ada.refresh_token) in content
    assert cast.ada.refresh_token.encode() not in content


async def test_logging_out_ends_access_at_once(cast: Cast) -> None:
    assert (await cast.ada.do("logout", "ok", refreshToken=cast.ada.refresh_token))["ok"]
    assert not await is_signed_in(cast.ada)
    assert await is_refused(cast.ada, cast.ada.refresh_token)
    assert await is_signed_in(cast.ben)


async def test_logging_out_needs_no_access_token_and_is_ok_twice(cast: Cast) -> None:
    for _ in range(2):
        assert (await cast.stranger.do("logout", "ok", refreshToken=cast.ada.refresh_token))["ok"]
    assert not await is_signed_in(cast.ada)


async def test_logging_out_everywhere_ends_all_of_the_viewers_sessions_and_nobody_elses(cast: Cast) -> None:
    elsewhere = Actor(cast.http, "ada")
    await elsewhere.sign_in()
    assert (await cast.ada.ask("mutation { logoutEverywhere { ended } }"))["logoutEverywhere"]["ended"] == 2
    assert [await is_signed_in(actor) for actor in (cast.ada, elsewhere, cast.ben)] == [False, False, True]


async def test_somebody_lists_their_own_sessions_newest_first_and_knows_this_one(cast: Cast) -> None:
    elsewhere = Actor(cast.http, "ada")
    cast.http.headers["User-Agent"] = "Telephone"
    await elsewhere.sign_in()
    cast.http.headers["User-Agent"] = "Desk"
    newest, oldest = await open_sessions(elsewhere)
    assert (newest["agent"], newest["current"]) == ("Telephone", True)
    assert (oldest["agent"].split("/")[0], oldest["current"]) == ("python-httpx", False)
    assert [one["current"] for one in await open_sessions(cast.ada)] == [False, True]
    assert len(await open_sessions(cast.ben)) == 1


async def test_somebody_ends_one_of_their_own_sessions(cast: Cast) -> None:
    elsewhere = Actor(cast.http, "ada")
    await elsewhere.sign_in()
    other = next(one["id"] for one in await open_sessions(cast.ada) if not one["current"])
    assert (await cast.ada.do("revokeSession", "sessionId", sessionId=other))["sessionId"] == other
    assert [await is_signed_in(actor) for actor in (cast.ada, elsewhere)] == [True, False]
    assert [one["current"] for one in await open_sessions(cast.ada)] == [True]


async def test_anothers_session_is_not_found_like_one_that_ended_or_never_was(cast: Cast) -> None:
    [bens] = await open_sessions(cast.ben)
    found = []
    gone = Actor(cast.http, "ada")
    await gone.sign_in()
    ended = next(one["id"] for one in await open_sessions(gone) if one["current"])
    await gone.do("logout", "ok", refreshToken=gone.refresh_token)
    for session in (bens["id"], ended, "U2Vzc2lvbjo5OTk="):
        for document, given in [
            ("mutation($input: RevokeSessionInput!) { revokeSession(input: $input) { sessionId } }",
             {"input": {"sessionId": session}}),
            ("query($id: ID!) { node(id: $id) { id } }", {"id": session}),
        ]:  # fmt: skip
            found.append((await cast.ada.post(document, given)).json()["errors"][0])
    assert [answer["extensions"]["code"] for answer in found] == ["NOT_FOUND"] * 6
    assert {answer["message"] for answer in found} == {"There is no such session."}
    assert await is_signed_in(cast.ben)


async def test_a_session_lasts_14_days_from_its_last_use(chat: Chat, ada: Person) -> None:
    async with chat.visit() as visit:
        tokens, _ = await visit.carry_out(sessions.login, "ada", PASSWORD)
    [session] = (await ada.ask(sessions.list_sessions, Window(5))).items
    assert session.expire_time - session.create_time == 14 * DAY
    await set_times(chat, create_time=session.create_time - 5 * DAY, expire_time=datetime.now(UTC) + DAY)
    async with chat.visit() as visit:
        await visit.carry_out(sessions.refresh, tokens.refresh_token)
    [session] = (await ada.ask(sessions.list_sessions, Window(5))).items
    assert session.expire_time - session.use_time == 14 * DAY
    assert session.use_time - session.create_time >= 5 * DAY


async def test_a_session_lasts_no_longer_than_90_days_in_all(chat: Chat, ada: Person) -> None:
    async with chat.visit() as visit:
        tokens, _ = await visit.carry_out(sessions.login, "ada", PASSWORD)
    await set_times(chat, create_time=datetime.now(UTC) - 80 * DAY)
    async with chat.visit() as visit:
        await visit.carry_out(sessions.refresh, tokens.refresh_token)
    [session] = (await ada.ask(sessions.list_sessions, Window(5))).items
    assert session.expire_time - session.create_time == 90 * DAY


async def test_a_session_is_recognised_until_the_moment_it_expires(chat: Chat, ada: Person) -> None:
    async with chat.visit(Viewer(agent="Desk")) as visit:
        await visit.carry_out(sessions.login, "ada", PASSWORD)
    [session] = (await ada.ask(sessions.list_sessions, Window(5))).items
    async with chat.database.reading() as db:
        for moment, expected in [(-SECOND, True), (0 * SECOND, False), (DAY, False)]:
            work = Work(db, ada.viewer, session.expire_time + moment)
            proving = Proving(db, ada.id, session.id, work.now)
            with nullcontext() if expected else pytest.raises(SessionEnded):
                await proving.prove()
            assert bool((await sessions.list_sessions(work, Window(5))).items) is expected


async def test_a_session_that_expired_neither_refreshes_nor_gives_access(cast: Cast, server: Server) -> None:
    await set_times(server.chat, expire_time=datetime.now(UTC) - SECOND)
    assert not await is_signed_in(cast.ada)
    assert await is_refused(cast.ada, cast.ada.refresh_token)


async def test_an_access_token_of_one_user_does_not_open_anothers_session(
    chat: Chat, ada: Person, ben: Person
) -> None:
    async with chat.visit() as visit:
        await visit.carry_out(sessions.login, "ada", PASSWORD)
    [session] = (await ada.ask(sessions.list_sessions, Window(5))).items
    for person, lives in ((ben, False), (ada, True)):
        token = chat.tokens.issue_access(person.id, session.id, datetime.now(UTC))
        async with chat.visit(chat.recognise(token, None, "")) as visit:
            if lives:
                await visit.ask(sessions.list_sessions, Window(5))
            else:
                with pytest.raises(Unauthenticated, match="ended"):
                    await visit.ask(sessions.list_sessions, Window(5))


async def test_sessions_are_listed_for_nobody_else(chat: Chat) -> None:
    async with chat.visit() as visit:
        with pytest.raises(Unauthenticated):
            await visit.ask(sessions.list_sessions, Window(5))
        with pytest.raises(Unauthenticated):
            await visit.perform(sessions.logout_everywhere)
