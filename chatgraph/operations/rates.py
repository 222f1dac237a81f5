"""How often somebody may try: one table of operations, counted per attempt at either door."""

from collections.abc import Callable, Sequence
from typing import Any

from chatgraph.credentials.usernames import read_username
from chatgraph.errors import Invalid
from chatgraph.operations import accounts, houses, invites, join_requests, members, rooms, sessions, talks
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
# What can be done to and fro without end, and is told to all who listen.
CHANGES = [(Rate("changes", 20, 4), _user)]

RATES: dict[Callable[..., Any], list[tuple[Rate, Key]]] = {
    sessions.login: [
        (Rate("login per address", 20, MINUTE), _address),  # who is refused by it uses up nobody's account
        (Rate("login per account", 5, 15 * MINUTE), _named_account),
    ],
    accounts.change_password: [(Rate("password change", 5, 15 * MINUTE), _user)],
    accounts.register: [(Rate("register", 20, HOUR), _address)],
    talks.post_talk: [(Rate("talks", 20, 4), _user)],
    rooms.create_room: [(Rate("rooms", 100, HOUR), _user)],
    houses.create_house: [(Rate("houses", 20, DAY), _user)],
    invites.create_invite: [(Rate("invites", 100, HOUR), _user)],
    join_requests.request_to_join: [(Rate("join requests", 20, HOUR), _user)],
    talks.edit_talk: CHANGES,
    rooms.update_room: CHANGES,
    rooms.archive_room: CHANGES,
    rooms.lock_room: CHANGES,
    houses.update_house: CHANGES,
    members.join_house: CHANGES,
    members.leave_house: CHANGES,
    invites.accept_invite: CHANGES,
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

    def last_for_user(self, operation: Callable[..., Any]) -> bool:
        """Tell whether an attempt of an operation is counted for its user for longer than a moment."""
        return self._on and any(
            key is _user and rate.seconds >= MINUTE for rate, key in RATES.get(operation, ())
        )

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
