"""Presence: who is connected, or was a moment ago, to this server or to another."""

import asyncio
from collections import Counter
from collections.abc import Callable

from chatgraph.events.hub import Telling
from chatgraph.events.kinds import Kind

GRACE_SECONDS = 10.0


class Presence:
    """
    Counts the connections of users. *changed* is called when somebody came, to the server or into a house, and a moment
    after they went from the server.

    `here` is called likewise for this server alone, with whether they are here now.
    """

    def __init__(self, changed: Callable[[int], None], grace: float = GRACE_SECONDS) -> None:
        self.grace = grace
        self.here: Callable[[int, bool], None] = lambda _, __: None
        self._changed = changed
        self._connections: Counter[int] = Counter()
        self._going: dict[int, asyncio.TimerHandle] = {}
        self._elsewhere: dict[str, set[int]] = {}

    def is_online(self, user_id: int) -> bool:
        """Tell whether a user is connected, or was within the grace."""
        return self._is_here(user_id) or any(user_id in there for there in self._elsewhere.values())

    @property
    def online(self) -> set[int]:
        """The users who are connected, or were within the grace."""
        return self.online_here.union(*self._elsewhere.values())

    @property
    def online_here(self) -> set[int]:
        """Those of them who are on this server."""
        return {*self._connections, *self._going}

    def came(self, user_id: int) -> None:
        """Count one more connection."""
        was_here, was_online = self._is_here(user_id), self.is_online(user_id)
        if timer := self._going.pop(user_id, None):
            timer.cancel()
        self._connections[user_id] += 1
        if not was_here:
            self.here(user_id, True)
        if not was_online:
            self._changed(user_id)

    def went(self, user_id: int) -> None:
        """Count one connection less; a client that comes back at once was never gone."""
        self._connections[user_id] -= 1
        if self._connections[user_id] == 0:
            del self._connections[user_id]
            loop = asyncio.get_running_loop()
            self._going[user_id] = loop.call_later(self.grace, self._gone, user_id)

    def note_elsewhere(self, server: str, user_id: int, online: bool) -> None:
        """Take note that a user came to another server, or went from it."""
        was_online = self.is_online(user_id)
        there = self._elsewhere.setdefault(server, set())
        if online:
            there.add(user_id)
        else:
            there.discard(user_id)
        if was_online != self.is_online(user_id):
            self._changed(user_id)

    def hear_of(self, telling: Telling) -> None:
        """Take what happened in a house: whoever joined it while they are there comes, to who hears of it."""
        if telling.kind == Kind.MEMBER_JOINED and self.is_online(telling.subject_id):
            self._changed(telling.subject_id)

    def forget(self, server: str) -> None:
        """Take it that nobody is on another server any more."""
        for user_id in self._elsewhere.pop(server, set()):
            if not self.is_online(user_id):
                self._changed(user_id)

    def close(self) -> None:
        """Forget who is about to go."""
        for timer in self._going.values():
            timer.cancel()
        self._going.clear()

    def _is_here(self, user_id: int) -> bool:
        return user_id in self._connections or user_id in self._going

    def _gone(self, user_id: int) -> None:
        del self._going[user_id]
        self.here(user_id, False)
        if not self.is_online(user_id):
            self._changed(user_id)
