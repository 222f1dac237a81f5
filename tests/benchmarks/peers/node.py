"""Run one of Node's peers in this process's place, so that it is started and measured as the others are."""

import os
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).parent


def missing() -> str | None:
    """Say what has to be installed before Node's peers can run; None when nothing has."""
    if shutil.which("node") is None:
        return "Node is missing"
    if not (HERE / "node_modules" / ".package-lock.json").exists():
        return f"run `npm ci` in {os.path.relpath(HERE)}"
    return None


if __name__ == "__main__":
    os.execvp("node", ["node", str(HERE / sys.argv[1]), *sys.argv[2:]])
