"""What the tests that need Node stand on: missing tools are told, and the packages are pinned."""

import json
from pathlib import Path

import pytest

from tests.clients import node

PACKAGES = json.loads((node.HERE / "package.json").read_bytes())
LOCK = json.loads((node.HERE / "package-lock.json").read_bytes())


async def test_without_node_a_test_fails_and_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(pytest.fail.Exception, match="install Node 20 or newer"):
        await node.run("audit.mjs")


async def test_without_the_packages_a_test_fails_and_says_what_to_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "node").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(node, "HERE", tmp_path)
    with pytest.raises(pytest.fail.Exception, match="run `npm ci` in tests/clients"):
        await node.run("audit.mjs")


def test_each_package_is_pinned_and_locked_by_its_checksum() -> None:
    assert PACKAGES["devDependencies"] == LOCK["packages"][""]["devDependencies"]
    installed = {name: package for name, package in LOCK["packages"].items() if name}
    for name, version in PACKAGES["devDependencies"].items():
        assert installed[f"node_modules/{name}"]["version"] == version
    assert [name for name, package in installed.items() if "integrity" not in package] == []


def test_the_lock_leaves_the_registry_to_whoever_installs() -> None:
    assert [name for name, package in LOCK["packages"].items() if "resolved" in package] == []
