"""A server in a process of its own, which is started, killed and started again on the same database."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]
SERVE = ("-m", "chatgraph", "serve")
SECRET = "a secret for tests alone, of 32 bytes or more"
_LISTENS = re.compile(r"listens on (http://\S+)")


class Server:
    """
    `chatgraph serve` on the database at an address, or on a file in *folder*, as whoever operates it starts it.

    *command* is what Python is called with. The process has its own session, and only its id is ever signalled.
    """

    def __init__(
        self, folder: Path, command: tuple[str, ...] = SERVE, database_url: str = "", port: int = 0
    ) -> None:
        self.folder = folder
        self.database = folder / "chat.db"
        self.log = folder / f"server{port or ''}.log"
        self.url = ""
        self._command = command
        self._port = port
        self._database_url = database_url or f"sqlite+aiosqlite:///{self.database}"
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self, patience: float = 30) -> float:
        """Start it, wait until it says its address, and give the seconds that took. Raises `RuntimeError` if it won't."""
        began = time.monotonic()
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: ASYNC220
                [sys.executable, *self._command, "--host", "127.0.0.1", "--port", str(self._port)],
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                cwd=self.folder,
                env=self._environment(),
                start_new_session=True,
            )
        while (told := _LISTENS.search(self.log.read_text())) is None:
            if self._process.poll() is not None or time.monotonic() - began > patience:
                await self.stop()
                raise RuntimeError(f"The server did not start:\n{self.log.read_text()}")
            await asyncio.sleep(0.01)
        self.url = told[1]
        return time.monotonic() - began

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The process that runs now. Raises `RuntimeError` when there is none."""
        if self._process is None:
            raise RuntimeError("The server is not running.")
        return self._process

    def kill(self) -> None:
        """End it in the middle of whatever it does: SIGKILL, which no process can answer."""
        self.process.kill()
        self.process.wait()
        self._process = None

    async def stop(self, patience: float = 15) -> None:
        """Ask it to end (SIGTERM), and end it if it doesn't in time."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(self._process.wait, patience)
        self.kill()

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CHATGRAPH_")}
        return kept | {
            "CHATGRAPH_DATABASE_URL": self._database_url,
            "CHATGRAPH_SECRET_KEY": SECRET,
            "CHATGRAPH_RATE_LIMITS": "off",
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
        }
