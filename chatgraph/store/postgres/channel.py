"""A channel: what one server says, all servers on the database hear (LISTEN and NOTIFY)."""

import asyncio
import secrets
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import structlog
from sqlalchemy.engine import URL

from chatgraph.store.failures import Failure, failure_of
from chatgraph.store.postgres.connections import PostgresConnection, engine_to

NAME = "chatgraph_channel"
# A payload of PostgreSQL's takes less than 8000 bytes.
MOST_BYTES, MOST_WAITING = 7900, 100_000
BEAT_SECONDS, ANSWER_SECONDS, AGAIN_SECONDS = 2.0, 3.0, 0.2

log = structlog.get_logger()


class Channel:
    """
    Says words to the other servers and hears theirs, on a session of its own.

    *hear* is called with a server's name and its words. *connected* is called whenever the channel begins to hear
    again: what was said before that was missed. Nothing is said within a transaction, which would make all of those that
    say something wait for each other.
    """

    def __init__(
        self,
        url: URL,
        hear: Callable[[str, Sequence[str]], None],
        connected: Callable[[], None],
    ) -> None:
        self._working = asyncio.Event()
        self._hear, self._connected = hear, connected
        self._engine = engine_to(url, {"application_name": NAME})
        self._server = secrets.token_hex(4)
        self._waiting: deque[str] = deque(maxlen=MOST_WAITING)
        self._called = asyncio.Event()

    @property
    def works(self) -> bool:
        """Whether the others can be heard."""
        return self._working.is_set()

    async def begin(self) -> None:
        """Wait until the others can be heard, but not for long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._working.wait()

    def say(self, word: str) -> None:
        """Say a word of letters and digits to all other servers, soon."""
        self._waiting.append(word)
        self._called.set()

    async def run(self) -> None:
        """Speak and listen until this is cancelled, over one connection after the other."""
        while True:
            try:
                await self._serve()
            except Exception as error:
                if failure_of(error) is Failure.OWN:
                    raise
                if self.works:
                    log.error("the other servers can't be heard", error=repr(error))
            finally:
                self._working.clear()
            await asyncio.sleep(AGAIN_SECONDS)

    async def _serve(self) -> None:
        async with asyncio.timeout(ANSWER_SECONDS):
            session = await PostgresConnection.open(self._engine)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await session.listen(NAME, self._take)
            self._working.set()
            self._connected()
            while True:
                try:
                    async with asyncio.timeout(BEAT_SECONDS):
                        await self._called.wait()
                except TimeoutError:
                    pass
                self._called.clear()
                await self._speak(session)
        finally:
            await session.close()

    async def _speak(self, session: PostgresConnection) -> None:
        """Say what waits; if nothing does, say so, which proves that the session is there."""
        while True:
            words, size = [self._server], len(self._server)
            while self._waiting and size + len(self._waiting[0]) < MOST_BYTES:
                words.append(self._waiting.popleft())
                size += len(words[-1]) + 1
            async with asyncio.timeout(ANSWER_SECONDS):
                await session.ask("SELECT pg_notify($1, $2)", NAME, " ".join(words))
            if not self._waiting:
                return

    def _take(self, _: Any, __: int, ___: str, payload: str) -> None:
        server, *words = payload.split(" ")
        if server != self._server:
            self._hear(server, words)
