"""`chatgraph user`."""

import re

import pytest

from tests.cast import PASSWORD, Actor, Cast, Refused
from tests.cli.conftest import Run, command
from tests.conftest import SECRET, Server
from tests.databases import url_of

OTHER = "six green kettles"


def create(run: Run, username: str) -> None:
    assert run("user", "create", username, "--password", PASSWORD).exit_code == 0


async def operate(server: Server, *words: str) -> str:
    """Run a command in a process of its own, beside a server on the same database, and give what it says."""
    async with command(
        *words, CHATGRAPH_DATABASE_URL=url_of(server.chat.database), CHATGRAPH_SECRET_KEY=SECRET
    ) as process:
        said = await process.line()
        assert await process.end() == (0, "")
    return said


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
        (["deactivate", "nobody"], "There is no such user."),
        (["deactivate", "ada", "--reason", "x" * 513], "`reason` must be at most 512 characters"),
        (["reactivate", "nobody"], "There is no such user."),
    ]:
        result = run("user", *words)
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.startswith(reason)
        assert result.stderr.count("\n") == 1


def test_who_is_deactivated_is_listed_as_that_until_they_are_reactivated(run: Run) -> None:
    create(run, "ada")
    create(run, "ben")
    since: list[str] = []
    for _ in range(2):  # the second time finds them deactivated, and leaves it at that
        result = run("user", "deactivate", "BEN", "--reason", "Spam")
        told = re.fullmatch(
            r"ben has been deactivated since (.{16}) UTC; "
            r"their sessions and the invites they made have ended\.\n",
            result.output,
        )
        assert told is not None
        assert result.exit_code == 0
        since.append(told[1])
    lines = [line.split("\t") for line in run("user", "list").output.splitlines()]
    assert [line[3:] for line in lines] == [[], [f"deactivated {since[0]}"]]
    result = run("user", "reactivate", "Ben")
    assert (result.exit_code, result.output) == (0, "ben can sign in again.\n")
    assert "deactivated" not in run("user", "list").output


async def test_a_reset_beside_a_running_server_ends_the_users_sessions_at_once(
    cast: Cast, server: Server
) -> None:
    said = await operate(server, "user", "reset-password", "ada", "--password", OTHER)
    assert said == "ada has a new password; all their sessions have ended."
    with pytest.raises(Refused) as refused:
        await cast.ada.ask("{ viewer { id } }")
    assert refused.value.code == "UNAUTHENTICATED"
    with pytest.raises(Refused):
        await Actor(cast.http, "ada").sign_in()
    assert (await cast.ada.do("login", "user { id }", username="ada", password=OTHER))["user"][
        "id"
    ] == cast.ada.id
    assert (await cast.ben.ask("{ viewer { id } }"))["viewer"]["id"] == cast.ben.id


async def invited(actor: Actor, code: str) -> str:
    return (await actor.do("acceptInvite", "house { name }", code=code))["house"]["name"]


async def test_a_user_who_is_deactivated_beside_a_running_server_is_shut_out_at_once(
    cast: Cast, server: Server
) -> None:
    ada = cast.ada
    house = await ada.create_house(visibility="PRIVATE")
    code = (await ada.do("createInvite", "code", houseId=house))["code"]
    assert await invited(cast.ben, code) == "Engine"
    assert (await ada.rest("GET", "house/list")).status_code == 200

    assert (await operate(server, "user", "deactivate", "ada")).startswith("ada has been deactivated since ")
    assert await refusals(ada) == [(401, "UNAUTHENTICATED")] * 3
    with pytest.raises(Refused, match="This account is deactivated; ask whoever runs this server"):
        await Actor(cast.http, "ada").sign_in()
    with pytest.raises(Refused, match="There is no such invite"):
        await invited(cast.cleo, code)
    assert (await cast.ben.ask("{ viewer { id } }"))["viewer"]["id"] == cast.ben.id

    assert await operate(server, "user", "reactivate", "ada") == "ada can sign in again."
    assert await refusals(ada) == [(401, "UNAUTHENTICATED")] * 3
    with pytest.raises(Refused, match="There is no such invite"):
        await invited(cast.cleo, code)
    back = Actor(cast.http, "ada")
    await back.sign_in()
    assert (await back.ask("{ viewer { id } }"))["viewer"]["id"] == ada.id


async def refusals(actor: Actor) -> list[tuple[int, str]]:
    """Give how what an actor holds is refused: the access token at both doors, then the refresh token."""
    asked = await actor.post("{ viewer { id } }")
    called = await actor.rest("GET", "house/list")
    query = "mutation($token: String!) { refresh(input: {refreshToken: $token}) { accessToken } }"
    refreshed = await Actor(actor.http, "").post(query, {"token": actor.refresh_token})
    codes = [answer.json()["errors"][0]["extensions"]["code"] for answer in (asked, refreshed)]
    return [
        (asked.status_code, codes[0]),
        (called.status_code, called.json()["code"]),
        (refreshed.status_code, codes[1]),
    ]
