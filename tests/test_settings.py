"""The settings: what the README says of them, and how they are read."""

import os
import re
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from chatgraph.settings import Settings

README = Path(__file__).parents[1] / "README.md"
# | `CHATGRAPH_PORT` | `8000` | The port to listen on. |   A setting without a default has an empty cell.
ROW = re.compile(r"\| `(CHATGRAPH_\w+)` \| (?:`([^`]+)`)? ?\| (.+) \|")


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings but the test's, whatever the developer has."""
    for name in [name for name in os.environ if name.upper().startswith("CHATGRAPH_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def read(**given: Any) -> Settings:
    """Read the settings, with some given."""
    return Settings(**given)


def written(default: Any) -> str:
    """Write a default as it would be written in the environment."""
    if isinstance(default, bool):
        return "on" if default else "off"
    if isinstance(default, Enum):
        default = default.value
    return "" if default is None or default == () else str(default)


def test_the_readme_tells_every_setting_with_its_default_and_meaning() -> None:
    rows = [row for line in README.read_text().splitlines() if (row := ROW.fullmatch(line))]
    assert [(row[1], row[2] or "", row[3]) for row in rows] == [
        (f"CHATGRAPH_{name.upper()}", written(field.default), field.description)
        for name, field in Settings.model_fields.items()
    ]


def test_without_an_environment_every_setting_has_its_default() -> None:
    settings = read()
    assert {name: getattr(settings, name) for name in Settings.model_fields} == {
        name: field.default for name, field in Settings.model_fields.items()
    }


def test_lists_are_written_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATGRAPH_ALLOWED_ORIGINS", "https://a.example, https://b.example,")
    monkeypatch.setenv("CHATGRAPH_TRUSTED_PROXIES", "")
    monkeypatch.setenv("CHATGRAPH_PREVIOUS_SECRET_KEYS", "old,older")
    settings = read()
    assert settings.allowed_origins == ("https://a.example", "https://b.example")
    assert settings.trusted_proxies == ()
    assert [key.get_secret_value() for key in settings.previous_secret_keys] == ["old", "older"]


@pytest.mark.parametrize(("text", "value"), [("off", False), ("on", True), ("0", False), ("true", True)])
def test_switches_are_on_or_off(monkeypatch: pytest.MonkeyPatch, text: str, value: bool) -> None:
    monkeypatch.setenv("CHATGRAPH_RATE_LIMITS", text)
    monkeypatch.setenv("CHATGRAPH_INTROSPECTION", text)
    assert (read().rate_limits, read().introspection) == (value, value)


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("REGISTRATION", "Open", "Input should be 'open', 'invite' or 'closed'"),
        ("REGISTRATION", "", "Input should be 'open', 'invite' or 'closed'"),
        ("LOG_FORMAT", "xml", "Input should be 'text' or 'json'"),
    ],
)
def test_a_word_that_is_none_of_those_to_choose_from_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, reason: str
) -> None:
    monkeypatch.setenv(f"CHATGRAPH_{name}", text)
    with pytest.raises(ValidationError, match=reason):
        read()


def test_the_environment_goes_before_the_file_and_what_is_given_before_both(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("CHATGRAPH_PORT=1\nCHATGRAPH_HOST=file\nCHATGRAPH_READERS=9\n")
    monkeypatch.setenv("CHATGRAPH_PORT", "2")
    monkeypatch.setenv("CHATGRAPH_HOST", "environment")
    settings = read(port=3)
    assert (settings.port, settings.host, settings.readers) == (3, "environment", 9)


def test_a_variable_that_is_no_setting_is_let_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("CHATGRAPH_COLOUR=blue\nCOLOUR=red\n")
    monkeypatch.setenv("CHATGRAPH_SHAPE", "round")
    assert read() == read(_env_file=None)


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        read().port = 1  # type: ignore[misc]


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATGRAPH_SECRET_KEY", "mum's the word")
    monkeypatch.setenv("CHATGRAPH_PREVIOUS_SECRET_KEYS", "mum's the word")
    settings = read()
    assert isinstance(settings.secret_key, SecretStr)
    assert "mum" not in f"{settings!r} {settings} {settings.model_dump()}"


@pytest.mark.parametrize(
    "origin",
    [
        "https://chat.example", "http://localhost:5173", "http://127.0.0.1", "https://[::1]:8443",
        "capacitor://localhost", "*",
    ],
)  # fmt: skip
def test_an_origin_is_taken_as_browsers_write_it(origin: str) -> None:
    assert read(allowed_origins=f"https://one.example,{origin}").allowed_origins[1] == origin


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:5173/", "localhost:5173", "chat.example", "https://Chat.example", "https://chat.example:443",
        "http://chat.example:80", "https://chat.example/app", "https://*.example", "null",
    ],
)  # fmt: skip
def test_an_origin_that_no_browser_would_send_is_refused(origin: str) -> None:
    with pytest.raises(ValidationError, match="is no origin; write it as browsers do"):
        read(allowed_origins=f"https://one.example,{origin}")


@pytest.mark.parametrize(
    ("proxies", "reason"),
    [
        ("10.0.0.1,proxy.example", "proxy.example is no address; name a proxy by its own, as 10.0.0.5"),
        ("10.0.0.5:80", "10.0.0.5:80 is no address"),
        (
            "10.0.0.5/8",
            "10.0.0.5/8 is no network; write 10.0.0.5 for the one proxy, or 10.0.0.0/8 for all in it",
        ),
        ("10.0.0.1,*", r"`\*` trusts everybody, and stands alone"),
    ],
)
def test_a_proxy_that_no_address_would_match_is_refused(proxies: str, reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        read(trusted_proxies=proxies)


@pytest.mark.parametrize("proxies", ["10.0.0.5,::1", "10.0.0.0/8,fe80::/10", "10.0.0.5/32", "*"])
def test_a_proxy_is_named_by_its_address_or_network_or_all_are_trusted(proxies: str) -> None:
    assert read(trusted_proxies=proxies).trusted_proxies == tuple(proxies.split(","))
