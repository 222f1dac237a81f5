"""Presence: who is connected, or was a moment ago."""

import asyncio
from collections import Counter
from collections.abc import Callable

GRACE_SECONDS = 10.0


class Presence:
    """Counts the connections of users. *changed* is called when somebody came, and a moment after they went."""

    def __init__(self, changed: Callable[[int], None], grace: float = GRACE_SECONDS) -> None:
        self.grace = grace
        self._changed = changed
        self._connections: Counter[int] = Counter()
        self._going: dict[int, asyncio.TimerHandle] = {}

    def is_online(self, user_id: int) -> bool:
        """Tell whether a user is connected, or was within the grace."""
        return user_id in self._connections or user_id in self._going

    @property
    def online(self) -> set[int]:
        """The users who are connected, or were within the grace."""
        return {*self._connections, *self._going}

    def came(self, user_id: int) -> None:
        """Count one more connection."""
        was_online = self.is_online(user_id)
        if timer := self._going.pop(user_id, None):
            timer.cancel()
        self._connections[user_id] += 1
        if not was_online:
            self._changed(user_id)

    def went(self, user_id: int) -> None:
        """Count one connection less; a client that comes back at once was never gone."""
        self._connections[user_id] -= 1
        if self._connections[user_id] == 0:
            del self._connections[user_id]
            loop = asyncio.get_running_loop()
            self._going[user_id] = loop.call_later(self.grace, self._gone, user_id)

    def close(self) -> None:
        """Forget who is about to go."""
        for timer in self._going.values():
            timer.cancel()
        self._going.clear()

    def _gone(self, user_id: int) -> None:
        del self._going[user_id]
        self._changed(user_id)
