"""
The bridge: what servers on one database tell each other, in words of a few bytes.

Any word may be lost. What happened in houses, and which sessions ended, stands in the database, where each server
looks for what it wasn't told; who writes and who is there is told to who hears it now, and never kept.
"""

import asyncio
from collections.abc import Callable, Hashable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from chatgraph.events.hub import Hub, Telling
from chatgraph.events.kinds import Kind
from chatgraph.events.presence import Presence
from chatgraph.events.whispers import Moved, PresenceIn, TypingIn, Wrote

# A server that says nothing for so long is gone, and those with it who were there.
SILENT_SECONDS = 15.0


class Bridge:
    """Says what happens here, and has the hub and presence here hear what happens elsewhere."""

    def __init__(self, hub: Hub, presence: Presence) -> None:
        self._hub, self._presence = hub, presence
        self._say: Callable[[str], None] | None = None
        self._silences: dict[str, asyncio.TimerHandle] = {}  # of each server that was heard, until it is gone
        presence.here = self._tell_presence

    def lead(self, say: Callable[[str], None]) -> None:
        """Have what is said here reach the other servers by *say*."""
        self._say = say

    def tell(self, tellings: Iterable[Telling], signed_out: Iterable[int]) -> None:
        """Say what was committed here."""
        if self._say is not None:
            for one in tellings:
                self._say(f"e{one.house_id}:{one.seq}:{one.kind}:{one.subject_id}")
            for user_id in signed_out:
                self._say(f"s{user_id}")

    def whisper_all(self, whispered: Iterable[tuple[Hashable, Any]]) -> None:
        """Say what was whispered here."""
        if self._say is not None:
            for topic, what in whispered:
                if isinstance(topic, TypingIn):
                    until = round(what.until.timestamp() * 1000)
                    self._say(f"t{topic.room_id}:{what.user_id}:{what.typing:d}:{until}")
                elif isinstance(topic, PresenceIn):
                    self._say(f"p{topic.house_id}:{what.user_id}:{what.online:d}")

    def greet(self) -> None:
        """Say who is here and ask the others, having just come, or come back."""
        if self._say is not None:
            self._say("?")
            self._introduce()

    def hear(self, server: str, words: Sequence[str]) -> None:
        """Take what another server said."""
        if silence := self._silences.pop(server, None):
            silence.cancel()
        loop = asyncio.get_running_loop()
        self._silences[server] = loop.call_later(SILENT_SECONDS, self._lose, server)
        for word in words:
            with suppress(ValueError):  # a word of a newer version: what it tells is found by looking
                self._take(server, word[0], [int(number) for number in word[1:].split(":") if number])

    def close(self) -> None:
        """Wait no more for who may be gone."""
        for silence in self._silences.values():
            silence.cancel()
        self._silences.clear()

    def _lose(self, server: str) -> None:
        del self._silences[server]
        self._presence.forget(server)

    def _take(self, server: str, kind: str, numbers: list[int]) -> None:
        match kind, numbers:
            case "e", [house_id, seq, happened, subject_id]:
                telling = Telling(house_id, seq, Kind(happened), subject_id)
                self._hub.hear_of(telling)
                self._presence.hear_of(telling)
            case "s", [user_id]:
                self._hub.doubt_sessions(user_id=user_id)
            case "t", [room_id, user_id, typing, until]:
                moment = datetime.fromtimestamp(until / 1000, UTC)
                self._hub.whispers.whisper(TypingIn(room_id), Wrote(room_id, user_id, bool(typing), moment))
            case "p", [house_id, user_id, online]:
                self._hub.whispers.whisper(PresenceIn(house_id), Moved(user_id, bool(online)))
            case "+" | "-", [user_id]:
                self._presence.note_elsewhere(server, user_id, kind == "+")
            case "=", []:
                self._presence.forget(server)
            case "?", []:
                self._introduce()
            case _:
                raise ValueError(kind)

    def _introduce(self) -> None:
        if self._say is not None:
            self._say("=")
            for user_id in self._presence.online_here:
                self._say(f"+{user_id}")

    def _tell_presence(self, user_id: int, online: bool) -> None:
        if self._say is not None:
            self._say(f"{'+' if online else '-'}{user_id}")
