"""`chatgraph house`."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from sqlalchemy import insert

from chatgraph.operations import accounts
from chatgraph.parts import create_chat
from chatgraph.settings import Settings
from chatgraph.store.tables import houses
from tests.cast import PASSWORD
from tests.cli.conftest import Run
from tests.outside import Outside


@pytest.fixture(autouse=True)
def people(make_settings: Callable[..., Settings]) -> None:
    """Ada and Ben, who own nothing yet."""

    async def register() -> None:
        chat = create_chat(make_settings(), PasswordHasher.from_parameters(CHEAPEST))
        await chat.database.open()
        async with chat.visit() as visit:
            for name in ("ada", "ben"):
                await visit.carry_out(accounts.register, name, PASSWORD)
        await chat.close()

    asyncio.run(register())


def listed(run: Run) -> list[list[str]]:
    return [line.split("\t") for line in run("house", "list").output.splitlines()]


def test_a_new_server_lists_its_first_house(run: Run) -> None:
    assert listed(run) == [["1", "Lobby", "public", "0 members"]]


def test_a_house_is_founded_for_somebody(run: Run) -> None:
    result = run("house", "create", "Engine", "--owner", "ADA", "--description", "Brass", "--private")
    assert (result.exit_code, result.output) == (0, "Engine has the id 2; ada owns it.\n")
    assert listed(run)[1] == ["2", "Engine", "private", "1 members"]


def test_a_list_goes_on_past_one_page(run: Run, database_url: str) -> None:
    given = {"description": "", "visibility": "public", "create_time": datetime(2026, 1, 31, tzinfo=UTC)}
    rows = [{**given, "name": f"House {n}"} for n in range(250)]
    Outside(database_url).run(insert(houses), rows)
    assert [line[0] for line in listed(run)] == [str(n) for n in range(1, 252)]


def test_a_house_is_handed_over_and_its_owner_before_stays_in_it(run: Run) -> None:
    for name, members in (("ada", "1 members"), ("ben", "2 members"), ("ben", "2 members")):
        result = run("house", "hand-over", "1", name)
        assert (result.exit_code, result.output) == (0, f"{name} owns house 1 now.\n")
        assert listed(run)[0][3] == members


def test_what_cannot_be_done_is_explained(run: Run) -> None:
    for words, code, reason in [
        (["create", "Engine", "--owner", "nobody"], 1, "There is no such user."),
        (["create", "", "--owner", "ada"], 1, "`name` must not be empty."),
        (["hand-over", "99", "ada"], 1, "There is no such house."),
        (["hand-over", "1", "nobody"], 1, "There is no such user."),
        (["hand-over", "one", "ada"], 2, "Usage:"),
        (["hand-over", str(2**63), "ada"], 2, "Usage:"),
        (["create", "Engine"], 2, "Usage:"),
    ]:
        result = run("house", *words)
        assert result.exit_code == code
        assert result.stderr.startswith(reason)
    assert listed(run) == [["1", "Lobby", "public", "0 members"]]
