"""How often somebody may try: one table of operations, counted per attempt at either door."""

from collections.abc import Callable, Sequence
from typing import Any

from chatgraph.credentials.usernames import read_username
from chatgraph.errors import Invalid
from chatgraph.operations import accounts, houses, invites, join_requests, rooms, sessions, talks
from chatgraph.operations.tallies import Rate, SharedTally, Tally
from chatgraph.viewer import Viewer

Key = Callable[[Viewer, Sequence[Any]], str | None]


def _address(viewer: Viewer, _: Sequence[Any]) -> str | None:
    return viewer.address and f"address {viewer.address}"


def _user(viewer: Viewer, _: Sequence[Any]) -> str | None:
    return None if viewer.user_id is None else f"user {viewer.user_id}"


def _named_account(_: Viewer, given: Sequence[Any]) -> str | None:
    try:
        return f"account {read_username(given[0]).name}"
    except Invalid:
        return None


MINUTE, HOUR, DAY = 60, 3600, 86400

RATES: dict[Callable[..., Any], list[tuple[Rate, Key]]] = {
    sessions.login: [
        (Rate("login per account", 5, 15 * MINUTE), _named_account),
        (Rate("login per address", 20, MINUTE), _address),
    ],
    accounts.change_password: [(Rate("password change", 5, 15 * MINUTE), _user)],
    accounts.register: [(Rate("register", 20, HOUR), _address)],
    talks.post_talk: [(Rate("talks", 20, 4), _user)],
    rooms.create_room: [(Rate("rooms", 100, HOUR), _user)],
    houses.create_house: [(Rate("houses", 20, DAY), _user)],
    invites.create_invite: [(Rate("invites", 100, HOUR), _user)],
    join_requests.request_to_join: [(Rate("join requests", 20, HOUR), _user)],
}
QUERIES = (Rate("queries", 100, 5), _user)
ANONYMOUS_QUERIES = (Rate("anonymous queries", 100, 20), _address)


class Rates:
    """
    Counts attempts: for all servers together at *redis_url*, or without one, those that this process sees.

    What only guards a server, the requests at its doors, each process counts for itself anyway. *on* False counts
    nothing. Raises `ValueError` for an address that is no good.
    """

    def __init__(self, on: bool = True, redis_url: str | None = None) -> None:
        self._on = on
        self._here = Tally()
        self._attempts = self._here if redis_url is None else SharedTally(redis_url, self._here)

    async def spend(self, operation: Callable[..., Any], viewer: Viewer, given: Sequence[Any]) -> None:
        """Count one attempt of an operation. Raises `RateLimited` when a rate is used up."""
        for rate, key in RATES.get(operation, ()):
            await self._count(self._attempts, rate, key(viewer, given))

    async def spend_query(self, viewer: Viewer) -> None:
        """Count one request at a door. Raises `RateLimited`."""
        rate, key = ANONYMOUS_QUERIES if viewer.user_id is None else QUERIES
        await self._count(self._here, rate, key(viewer, ()))

    async def close(self) -> None:
        """Let go of where attempts are counted."""
        await self._attempts.close()

    async def _count(self, tally: Tally, rate: Rate, key: str | None) -> None:
        if self._on and key is not None:
            await tally.count(rate, key)
