"""Statements as PostgreSQL takes them: their text never changes, whatever their values are."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import bindparam, func, insert, select, update

from chatgraph.store.postgres.spelling import Spelling
from chatgraph.store.prepared import Prepared
from chatgraph.store.rows import among, one
from chatgraph.store.tables import users

NOW = datetime(2026, 1, 31, tzinfo=UTC)


def test_a_value_that_is_wanted_twice_is_given_once() -> None:
    named = (users.c.username == bindparam("name")) | (users.c.skeleton == bindparam("name"))
    spelling = Spelling(Prepared(select(users.c.id).where(named, users.c.id > one("after"))))
    assert spelling.text.count("$1") == 2
    assert spelling.text.count("$2") == 1
    assert spelling.write({"name": "ada", "after": 7}) == ["ada", 7]


@pytest.mark.parametrize("ids", [[], [1], list(range(40_000))])
def test_a_list_is_one_array_however_long_it_is(ids: list[int]) -> None:
    spelling = Spelling(Prepared(select(users.c.id).where(users.c.id.in_(among("ids")))))
    assert spelling.text.endswith("= ANY ($1)")
    assert spelling.write({"ids": ids}) == [ids]


def test_a_percent_sign_stays_one() -> None:
    spelling = Spelling(Prepared(select(func.mod(users.c.id, 7), users.c.id % one("by"))))
    assert "%%" not in spelling.text
    assert "users.id % $" in spelling.text


def test_what_a_statement_says_itself_is_written_with_what_it_is_given() -> None:
    spelling = Spelling(
        Prepared(select(users.c.id).where(users.c.username == "ada", users.c.id == one("id")))
    )
    assert spelling.write({"id": 7}) == ["ada", 7]


def test_a_time_without_a_zone_is_refused() -> None:
    statement = update(users).values(deactivate_time=bindparam("when")).where(users.c.id == one("id"))
    spelling = Spelling(Prepared(statement))
    assert set(spelling.write({"when": NOW, "id": 1})) == {NOW, 1}
    assert None in spelling.write({"when": None, "id": 1})
    with pytest.raises(ValueError, match="says no time zone"):
        spelling.write({"when": NOW.replace(tzinfo=None), "id": 1})


def test_it_is_known_which_statements_write() -> None:
    assert Prepared(insert(users), ("username",)).writes
    assert not Prepared(select(users.c.id)).writes
