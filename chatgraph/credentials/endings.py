"""Endings: the sessions that were found to have ended, though a token of theirs may be good for minutes yet."""

MOST = 10_000


class Endings:
    """The last of them, so that such a token acts for nobody from the second time on: no attempt of its user's is counted."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], None] = {}

    def has(self, user_id: int, session_id: int) -> bool:
        """Tell whether a user's session is known to have ended."""
        return (user_id, session_id) in self._known

    def add(self, user_id: int, session_id: int) -> None:
        """Take note of a user's session, which won't go on again."""
        self._known[user_id, session_id] = None
        if len(self._known) > MOST:
            del self._known[next(iter(self._known))]
