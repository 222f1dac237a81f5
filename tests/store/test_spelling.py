"""Statements are spelled for SQLite with their values in its order, and times as SQLAlchemy keeps them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import bindparam, or_, select

from chatgraph.store.rows import Prepared, among, one
from chatgraph.store.sqlite.spelling import Spelling
from chatgraph.store.tables import sessions

MOMENT = datetime(2026, 1, 31, 12, 5, 9, 40, tzinfo=UTC)
GOING_ON = Spelling(
    Prepared(
        select(sessions.c.id).where(
            sessions.c.expire_time > bindparam("now"),
            or_(sessions.c.end_time.is_(None), sessions.c.end_time > bindparam("now")),
            sessions.c.id.in_(among("ids")),
            sessions.c.user_id == one("user"),
        )
    )
)


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (MOMENT, "2026-01-31 12:05:09.000040"),
        (MOMENT.replace(microsecond=0), "2026-01-31 12:05:09.000000"),
        (MOMENT.astimezone(timezone(timedelta(hours=9))), "2026-01-31 12:05:09.000040"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01 00:00:00.000000"),
    ],
)
def test_a_time_is_written_in_utc_and_read_as_the_same(moment: datetime, written: str) -> None:
    assert GOING_ON.write({"now": moment, "ids": [], "user": 1})[1][0] == written
    reading = Spelling(Prepared(select(sessions.c.expire_time)))
    assert reading.read([(written,), (None,)]) == [(moment,), (None,)]


def test_a_value_stands_wherever_it_is_named() -> None:
    text, given = GOING_ON.write({"now": MOMENT, "ids": [4, 5, 6], "user": 7})
    assert list(given[:2]) == ["2026-01-31 12:05:09.000040"] * 2
    assert sorted(given[2:]) == [4, 5, 6, 7]
    assert text.count("?") == len(given)
    assert "IN (?, ?, ?)" in text


def test_an_empty_list_has_nothing_in_it() -> None:
    text, given = GOING_ON.write({"now": MOMENT, "ids": [], "user": 7})
    assert "IN (SELECT NULL WHERE 0)" in text
    assert given[-1] == 7


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="says no time zone"):
        GOING_ON.write({"now": MOMENT.replace(tzinfo=None), "ids": [], "user": 1})
