"""`chatgraph audit-log`."""

import re
from datetime import UTC, datetime

from sqlalchemy import insert

from chatgraph.models import Act
from chatgraph.store.tables import audit_entries
from tests.cast import PASSWORD
from tests.cli.conftest import Run
from tests.outside import Outside


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
    given = {"act": Act.PASSWORD_RESET, "detail": "", "reason": "", "time": datetime(2026, 1, 31, tzinfo=UTC)}
    rows = [{**given, "actor_id": None if n % 2 else 7, "subject_id": n} for n in range(220)]
    Outside(database_url).run(insert(audit_entries), rows)
    # There are no such users: what has no name is told by its number.
    assert [line[3] for line in logged(run)] == [str(n) for n in range(219, 0, -2)]
