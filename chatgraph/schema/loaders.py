"""Loaders: what many resolvers want one by one is read once for all of them."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Hashable, Iterable, Mapping
from functools import cached_property
from typing import Any, Generic, NamedTuple, TypeVar

from strawberry.dataloader import DataLoader

from chatgraph.chat import Visit
from chatgraph.errors import ChatError, Forbidden, NotFound
from chatgraph.models import (
    AuditEntry,
    Ban,
    House,
    Invite,
    JoinRequest,
    Member,
    Membership,
    Page,
    Room,
    Session,
    Talk,
    User,
    Window,
)
from chatgraph.operations import (
    accounts,
    audit,
    houses,
    invites,
    join_requests,
    members,
    moderation,
    rooms,
    sessions,
    talks,
)
from chatgraph.operations.work import Work

Key = TypeVar("Key", bound=Hashable)
Noun = TypeVar("Noun", bound=Any)
Found = TypeVar("Found", bound=Any)


class Part(NamedTuple):
    """A window of the list that hangs on one parent."""

    parent_id: int
    window: Window


class Together(Generic[Key, Found]):
    """
    Loads what is kept under keys, each once.

    `load` waits for what others want in the same tick; who knows all that is wanted takes it `at_once`, or takes `one`.
    """

    def __init__(self) -> None:
        self._found: dict[Key, Found | ChatError] = {}
        self._ticks: DataLoader[Key, Found] | None = None
        self._turn = asyncio.Lock()

    async def at_once(self, keys: Iterable[Key]) -> dict[Key, Found | ChatError]:
        """Give what is found under keys, or why nothing is."""
        found = self._found
        if missing := [key for key in dict.fromkeys(keys) if key not in found]:
            async with self._turn:  # others may be reading the same
                if missing := [key for key in missing if key not in found]:
                    found |= await self._read(missing)
        return found

    async def one(self, key: Key) -> Found:
        """Give what is found under a key. Raises why nothing is."""
        found = (await self.at_once((key,)))[key]
        if isinstance(found, ChatError):
            raise found
        return found

    async def load(self, key: Key) -> Found:
        """Give what is found under a key, reading it with others. Raises why nothing is."""
        if key in self._found:
            return await self.one(key)
        if self._ticks is None:
            self._ticks = DataLoader(load_fn=self._load_all, cache=False)
        return await self._ticks.load(key)

    async def _load_all(self, keys: list[Key]) -> list[Found | BaseException]:
        found = await self.at_once(keys)
        return [found[key] for key in keys]

    async def _read(self, keys: list[Key]) -> dict[Key, Found | ChatError]:
        raise NotImplementedError


class Keyed(Together[Key, Noun]):
    """Loads nouns by a key; *name* is what is not found."""

    def __init__(
        self,
        visit: Visit,
        read: Callable[[Work, Collection[Key]], Awaitable[Mapping[Key, Noun | Forbidden]]],
        name: str,
    ) -> None:
        super().__init__()
        self._visit, self._operation, self._name = visit, read, name

    async def _read(self, keys: list[Key]) -> dict[Key, Noun | ChatError]:
        found = await self._visit.ask(self._operation, keys)
        return {key: found.get(key) or NotFound(self._name) for key in keys}


Nouns = Keyed[int, Noun]


class Lists(Together[Part, Page[Noun]]):
    """Loads windows of the lists that hang on parents; *parent* is what is not found."""

    def __init__(
        self,
        visit: Visit,
        read: Callable[[Work, Collection[int], Window], Awaitable[dict[int, Page[Noun] | Forbidden]]],
        parent: str,
    ) -> None:
        super().__init__()
        self._visit, self._operation, self._parent = visit, read, parent

    async def _read(self, keys: list[Part]) -> dict[Part, Page[Noun] | ChatError]:
        pages: dict[Part, Page[Noun] | ChatError] = {}
        for window in {part.window for part in keys}:
            wanted = [part.parent_id for part in keys if part.window == window]
            for parent_id, page in (await self._visit.ask(self._operation, wanted, window)).items():
                pages[Part(parent_id, window)] = page
        return {part: pages.get(part) or NotFound(self._parent) for part in keys}


# The loader of each kind of node.
NODES = {
    "AuditEntry": "audit_entry",
    "Ban": "ban",
    "House": "house",
    "Invite": "invite",
    "JoinRequest": "join_request",
    "Member": "member",
    "Room": "room",
    "Session": "session",
    "Talk": "talk",
    "User": "user",
}


class Loaders:
    """One loader a noun, and one a list that hangs on a noun; they live as long as one snapshot."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit

    def by_name(self, noun: str) -> Nouns[Any] | None:
        """Give the loader of nodes that are called *noun*."""
        name = NODES.get(noun)
        return None if name is None else getattr(self, name)

    @cached_property
    def user(self) -> Nouns[User]:
        return Nouns(self._visit, accounts.load_users, "user")

    @cached_property
    def session(self) -> Nouns[Session]:
        return Nouns(self._visit, sessions.load_sessions, "session")

    @cached_property
    def house(self) -> Nouns[House]:
        return Nouns(self._visit, houses.load_houses, "house")

    @cached_property
    def member(self) -> Nouns[Member]:
        return Nouns(self._visit, members.load_members, "member")

    @cached_property
    def membership(self) -> Keyed[Membership, Member]:
        return Keyed(self._visit, members.load_memberships, "member")

    @cached_property
    def room(self) -> Nouns[Room]:
        return Nouns(self._visit, rooms.load_rooms, "room")

    @cached_property
    def talk(self) -> Nouns[Talk]:
        return Nouns(self._visit, talks.load_talks, "talk")

    @cached_property
    def members(self) -> Lists[Member]:
        return Lists(self._visit, members.list_members, "house")

    @cached_property
    def rooms(self) -> Lists[Room]:
        return Lists(self._visit, rooms.list_rooms, "house")

    @cached_property
    def talks(self) -> Lists[Talk]:
        return Lists(self._visit, talks.list_talks, "room")

    @cached_property
    def ban(self) -> Nouns[Ban]:
        return Nouns(self._visit, moderation.load_bans, "ban")

    @cached_property
    def invite(self) -> Nouns[Invite]:
        return Nouns(self._visit, invites.load_invites, "invite")

    @cached_property
    def join_request(self) -> Nouns[JoinRequest]:
        return Nouns(self._visit, join_requests.load_join_requests, "join request")

    @cached_property
    def audit_entry(self) -> Nouns[AuditEntry]:
        return Nouns(self._visit, audit.load_entries, "audit entry")

    @cached_property
    def bans(self) -> Lists[Ban]:
        return Lists(self._visit, moderation.list_bans, "house")

    @cached_property
    def invites(self) -> Lists[Invite]:
        return Lists(self._visit, invites.list_invites, "house")

    @cached_property
    def join_requests(self) -> Lists[JoinRequest]:
        return Lists(self._visit, join_requests.list_join_requests, "house")

    @cached_property
    def audit_log(self) -> Lists[AuditEntry]:
        return Lists(self._visit, audit.list_entries, "house")
