"""`chatgraph audit-log`."""

import re
import sqlite3
from contextlib import closing

from chatgraph.models import Act
from tests.cast import PASSWORD
from tests.cli.conftest import Run


def logged(run: Run) -> list[list[str]]:
    result = run("audit-log")
    assert result.exit_code == 0
    return [line.split("\t") for line in result.output.splitlines()]


def test_a_new_server_has_nothing_to_tell(run: Run) -> None:
    assert logged(run) == []


def test_what_operators_do_is_told_newest_first_with_the_names_of_houses_and_users(run: Run) -> None:
    for words in [
        ["user", "create", "ada", "--password", PASSWORD],
        ["house", "create", "Engine", "--owner", "ada"],
        ["house", "hand-over", "1", "ada"],
        ["user", "reset-password", "ada", "--password", "six green kettles"],
        ["user", "deactivate", "ada", "--reason", "Spam,\n\tand more of it"],
        ["user", "reactivate", "ada"],
    ]:
        assert run(*words).exit_code == 0
    lines = logged(run)
    assert [line[1:] for line in lines] == [
        ["user reactivated", "-", "ada", "-", "-"],
        ["user deactivated", "-", "ada", "-", "Spam, and more of it"],
        ["password reset", "-", "ada", "-", "-"],
        ["house transferred", "1 Lobby", "ada", "-", "-"],
        ["house founded", "2 Engine", "2 Engine", "-", "-"],
        ["user created", "-", "ada", "-", "-"],
    ]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", line[0]) for line in lines)


def test_it_goes_on_past_one_page_and_tells_of_operators_alone(run: Run, database_url: str) -> None:
    with closing(sqlite3.connect(database_url.partition("///")[2], isolation_level=None)) as db:
        rows = [
            (Act.PASSWORD_RESET, None if n % 2 else 7, n, "2026-01-31 00:00:00.000000") for n in range(220)
        ]
        db.executemany(
            "INSERT INTO audit_entries (act, actor_id, subject_id, detail, reason, time) "
            "VALUES (?, ?, ?, '', '', ?)",
            rows,
        )
    # There are no such users: what has no name is told by its number.
    assert [line[3] for line in logged(run)] == [str(n) for n in range(219, 0, -2)]
