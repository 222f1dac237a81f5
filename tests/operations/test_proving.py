"""Whether a session goes on is known before anything is read or written for it, and asked along with what is asked first."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import func, select, update

from chatgraph.chat import Chat
from chatgraph.errors import Invalid, NotFound, Unauthenticated
from chatgraph.models import Window
from chatgraph.operations import sessions, talks
from chatgraph.operations.work import Work
from chatgraph.store import journal, tables
from chatgraph.store.rows import Prepared, one
from chatgraph.viewer import Viewer
from tests.cast import PASSWORD
from tests.operations.people import Caller, Person
from tests.statements import noted

HOUSES = Prepared(select(tables.houses.c.id))
HOUSE = Prepared(select(tables.houses.c.id, tables.houses.c.name).where(tables.houses.c.id == one("house")))
COUNT = Prepared(select(func.count()).select_from(tables.talks))


async def read_rows(work: Work) -> None:
    assert await work.db.fetch(HOUSE, {"house": 1}) == [(1, "Lobby")]
    assert await work.db.fetch(HOUSES, {}) == [(1,)]


async def read_no_rows(work: Work) -> None:
    assert await work.db.fetch(HOUSE, {"house": 77}) == []


async def read_a_count(work: Work) -> None:
    assert await work.db.fetch(COUNT, {}) == [(0,)]


async def execute(work: Work) -> None:
    await work.db.execute(select(tables.houses.c.id))


async def write(work: Work) -> None:
    await work.db.fetch(journal.RAISE_SEQ, {"house": 1, "steps": 1})


async def write_plainly(work: Work) -> None:
    await work.db.execute(update(tables.houses).values(description=""))


async def ask_nothing(_: Work) -> None:
    pass


# What is done, and how many statements it takes with the proof.
READS = [(read_rows, 2), (read_no_rows, 2), (read_a_count, 1), (execute, 2)]
WRITES = [*READS, (write, 2), (write_plainly, 2)]
Doing = Callable[[Work], Awaitable[None]]


@pytest.fixture
async def signed_in(chat: Chat, ada: Person) -> Caller:
    async with chat.visit() as visit:
        given, _ = await visit.carry_out(sessions.login, "ada", PASSWORD)
    return Caller(chat, chat.recognise(given.access_token, None, ""))


@pytest.fixture
async def signed_out(signed_in: Caller) -> Caller:
    await signed_in.perform(sessions.logout_everywhere)
    return signed_in


def told(doing: Doing, done_by: list[int | None]) -> Callable[[Work], Awaitable[int | None]]:
    """Do it, and say for whom: before, and once something was read or written."""

    async def operation(work: Work) -> int | None:
        await doing(work)
        done_by.append(work.viewer.user_id)
        return work.viewer.user_id

    return operation


@pytest.mark.parametrize(("doing", "statements"), READS)
async def test_a_read_asks_for_the_session_along_with_what_it_reads_first(
    signed_in: Caller, doing: Doing, statements: int
) -> None:
    done_by: list[int | None] = []
    async with signed_in.chat.visit(signed_in.viewer) as visit:
        with noted() as run:
            assert await visit.ask(told(doing, done_by)) == signed_in.viewer.user_id
        assert len(run) == statements
        with noted() as run:
            await visit.ask(read_rows)
        assert len(run) == 2


@pytest.mark.parametrize(("doing", "statements"), WRITES)
async def test_a_write_asks_for_the_session_along_with_what_it_reads_first(
    signed_in: Caller, doing: Doing, statements: int
) -> None:
    with noted() as run:
        assert await signed_in.perform(told(doing, [])) == signed_in.viewer.user_id
    assert len(run) == statements


@pytest.mark.parametrize("doing", [doing for doing, _ in WRITES])
async def test_nothing_is_read_or_written_in_a_session_that_has_ended(
    signed_out: Caller, doing: Doing
) -> None:
    done_by: list[int | None] = []
    assert await signed_out.perform(told(doing, done_by)) is None
    if doing not in (write, write_plainly):
        assert await signed_out.ask(told(doing, done_by)) is None
    assert set(done_by) == {None}


async def test_what_came_of_nothing_that_was_asked_is_not_given_either(
    signed_in: Caller, signed_out: Caller
) -> None:
    for call in (signed_out.ask, signed_out.perform):
        done_by: list[int | None] = []
        assert await call(told(ask_nothing, done_by)) is None
        assert done_by == [signed_in.viewer.user_id, None]


async def test_ones_own_sessions_can_be_what_is_asked_first(signed_in: Caller) -> None:
    with noted() as run:
        page = await signed_in.ask(sessions.list_sessions, Window(5))
    assert [session.id for session in page.items] == [signed_in.viewer.session_id]
    assert len(run) == 1
    await signed_in.perform(sessions.logout_everywhere)
    with pytest.raises(Unauthenticated, match="The session has ended"):
        await signed_in.ask(sessions.list_sessions, Window(5))


@pytest.mark.parametrize(("room_id", "content"), [(1, ""), (77, "Hello")])
async def test_that_a_session_has_ended_is_told_before_whatever_else_is_amiss(
    signed_out: Caller, room_id: int, content: str
) -> None:
    with pytest.raises(Unauthenticated, match="The session has ended"):
        await signed_out.perform(talks.post_talk, room_id, content)


async def test_what_is_refused_in_a_session_that_goes_on_is_refused_as_ever(signed_in: Caller) -> None:
    with pytest.raises(Invalid):
        await signed_in.perform(talks.post_talk, 1, "")
    with pytest.raises(NotFound):
        await signed_in.perform(talks.post_talk, 77, "Hello")


async def test_a_session_of_somebody_else_is_none(signed_in: Caller, ben: Person) -> None:
    foreign = Viewer(user_id=ben.id, session_id=signed_in.viewer.session_id)
    assert await Caller(signed_in.chat, foreign).ask(told(read_rows, [])) is None
