"""The `chatgraph` command as a whole: it explains itself, and what is wrong."""

from importlib.metadata import version
from pathlib import Path

import pytest

from tests.cli.conftest import Run

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], ["serve", "migrate", "backup", "move", "user", "house", "audit-log", "schema"]),
        (["serve"], ["--host", "--port", "--database", "127.0.0.1", "8000", "CHATGRAPH_PORT", "GraphiQL"]),
        (["migrate"], ["--database", "up to date"]),
        (["backup"], ["file", "--force", "--database", "beside a server", "acknowledged before"]),
        (["move"], ["from", "to", "Stop the server first", "goes on where it was", "sessions stay good"]),
        (["user"], ["list", "create", "reset-password", "deactivate", "reactivate"]),
        (["user", "create"], ["username", "--password", "8 to 128 characters"]),
        (["user", "deactivate"], ["username", "--reason", "512 characters", "sessions", "invites"]),
        (["user", "reactivate"], ["username", "stays ended"]),
        (["audit-log"], ["--database", "newest first", "house, subject, detail, reason"]),
        (["house"], ["list", "create", "hand-over"]),
        (["house", "create"], ["name", "--owner", "--private", "--description"]),
        (["house", "hand-over"], ["house_id", "username"]),
    ],
)
def test_a_command_explains_itself(run: Run, words: list[str], told: list[str]) -> None:
    result = run(*words, "--help", COLUMNS="200", TERM="dumb")
    assert result.exit_code == 0
    for word in told:
        assert word in result.output


def test_the_version_is_the_installed_one(run: Run) -> None:
    assert run("--version").output == f"chatgraph {version('chatgraph')}\n"


def test_the_schema_is_printed_as_the_repository_holds_it(run: Run) -> None:
    assert run("schema").output == (ROOT / "schema.graphql").read_text()


@pytest.mark.parametrize("words", [["nonsense"], ["user", "nonsense"], ["serve", "--port", "many"]])
def test_a_command_that_is_none_is_refused_with_2(run: Run, words: list[str]) -> None:
    assert run(*words).exit_code == 2


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("CHATGRAPH_PORT", "99999"), ("CHATGRAPH_READERS", "0"), ("CHATGRAPH_INTROSPECTION", "maybe"),
        ("CHATGRAPH_LOG_FORMAT", "xml"), ("CHATGRAPH_TRUSTED_PROXIES", "proxy.example"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("words", [["serve"], ["user", "list"], ["migrate"]])
def test_a_bad_setting_is_explained_by_its_variable_and_ends_with_2(
    run: Run, words: list[str], variable: str, value: str
) -> None:
    result = run(*words, **{variable: value})
    assert result.exit_code == 2
    assert variable in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize("url", ["nonsense", "sqlite:///chat.db", "postgresql://ada:secret@localhost/chat"])
@pytest.mark.parametrize("words", [["serve"], ["user", "list"], ["migrate"]])
def test_a_bad_database_address_is_explained_in_one_sentence(run: Run, words: list[str], url: str) -> None:
    result = run(*words, CHATGRAPH_DATABASE_URL=url)
    assert result.exit_code in {1, 2}
    assert result.stderr.startswith("The database address must look like sqlite+aiosqlite:///chatgraph.db")
    assert result.stderr.count("\n") == 1
    assert "secret" not in result.output


@pytest.mark.parametrize(
    ("rest", "reason"),
    [
        ("h:many/x", "The database address must look like"),
        ("h:99999/x", "The database address must look like"),
        ("h/x?bogus=1", "The database address asks for bogus, which the driver doesn't know."),
        ("h/x?sslmode=require", "The database address asks for sslmode"),
        ("h/x?port=many", "The database address can't be read: "),
    ],
)
@pytest.mark.parametrize("words", [["serve"], ["serve", "--workers", "2"], ["user", "list"], ["migrate"]])
def test_what_is_wrong_within_a_database_address_is_explained_without_its_password(
    run: Run, words: list[str], rest: str, reason: str
) -> None:
    result = run(*words, CHATGRAPH_DATABASE_URL=f"postgresql+asyncpg://ada:secret@{rest}")
    assert result.exit_code in {1, 2}
    assert result.stderr.startswith(reason)
    assert result.stderr.count("\n") == 1
    assert "secret" not in result.output


@pytest.mark.parametrize(
    "words",
    [
        ["user", "list"], ["user", "reactivate", "ada"], ["house", "list"], ["house", "hand-over", "1", "ada"],
        ["audit-log"],
    ],
)  # fmt: skip
def test_a_command_that_needs_a_database_makes_none(run: Run, elsewhere: Path, words: list[str]) -> None:
    result = run(*words, "--database", "sqlite+aiosqlite:///typo.db")
    assert (result.exit_code, result.stderr) == (1, "There is no database at typo.db.\n")
    assert not list(elsewhere.glob("typo*"))


def test_an_option_goes_before_the_environment(run: Run, elsewhere: Path) -> None:
    result = run("migrate", "--database", "sqlite+aiosqlite:///other.db", CHATGRAPH_DATABASE_URL="nonsense")
    assert (result.exit_code, result.output) == (0, "other.db is up to date.\n")
    assert (elsewhere / "other.db").exists()


def test_settings_are_read_from_a_file_in_the_folder(run: Run, elsewhere: Path) -> None:
    (elsewhere / ".env").write_text("CHATGRAPH_READERS=0\n")
    result = run("user", "list")
    assert result.exit_code == 2
    assert "CHATGRAPH_READERS" in result.stderr


def test_a_file_of_settings_that_is_no_text_is_named(run: Run, elsewhere: Path) -> None:
    (elsewhere / ".env").write_bytes(b"CHATGRAPH_HOST=\xff")
    result = run("user", "list")
    assert (result.exit_code, result.stderr) == (
        2,
        ".env isn't written in UTF-8: invalid start byte at byte 15.\n",
    )
