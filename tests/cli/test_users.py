"""`chatgraph user`."""

import pytest

from tests.cast import PASSWORD, Actor, Cast, Refused
from tests.cli.conftest import Run, command
from tests.conftest import Server

OTHER = "six green kettles"


def create(run: Run, username: str) -> None:
    assert run("user", "create", username, "--password", PASSWORD).exit_code == 0


def test_a_new_user_is_listed(run: Run) -> None:
    result = run("user", "create", "Ada", "--password", PASSWORD)
    assert (result.exit_code, result.output) == (0, "ada can sign in now (id 1).\n")
    create(run, "小明")
    lines = [line.split("\t") for line in run("user", "list").output.splitlines()]
    assert [(line[0], line[1]) for line in lines] == [("1", "ada"), ("2", "小明")]


def test_the_password_is_asked_for_twice_and_not_shown(run: Run) -> None:
    result = run("user", "create", "ada", typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert result.exit_code == 0
    assert PASSWORD not in result.output
    result = run("user", "create", "ben", typed=f"{PASSWORD}\n{OTHER}\n")
    assert result.exit_code != 0
    assert "ben" not in run("user", "list").output


def test_what_cannot_be_done_is_said_in_one_line_and_ends_with_1(run: Run) -> None:
    create(run, "ada")
    for words, reason in [
        (["create", "ADA", "--password", PASSWORD], "This username is taken."),
        (["create", "аda", "--password", PASSWORD], "This username looks too much like one that is taken."),
        (["create", "ben", "--password", "password1"], "This is one of the most common passwords."),
        (["create", "b en", "--password", PASSWORD], "A username has no spaces."),
        (["reset-password", "nobody", "--password", OTHER], "There is no such user."),
        (["reset-password", "ada", "--password", "short"], "A password has at least 8 characters"),
    ]:
        result = run("user", *words)
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.startswith(reason)
        assert result.stderr.count("\n") == 1


async def test_a_reset_beside_a_running_server_ends_the_users_sessions_at_once(
    cast: Cast, server: Server
) -> None:
    url = f"sqlite+aiosqlite:///{server.chat.database.path}"
    words = ("user", "reset-password", "ada", "--password", OTHER)
    async with command(*words, CHATGRAPH_DATABASE_URL=url) as process:
        assert await process.line() == "ada has a new password; all their sessions have ended."
        assert (await process.end())[0] == 0
    with pytest.raises(Refused) as refused:
        await cast.ada.ask("{ viewer { id } }")
    assert refused.value.code == "UNAUTHENTICATED"
    with pytest.raises(Refused):
        await Actor(cast.http, "ada").sign_in()
    assert (await cast.ada.do("login", "user { id }", username="ada", password=OTHER))["user"][
        "id"
    ] == cast.ada.id
    assert (await cast.ben.ask("{ viewer { id } }"))["viewer"]["id"] == cast.ben.id
