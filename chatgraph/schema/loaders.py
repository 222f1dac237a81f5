"""Loaders: what many resolvers want one by one is read once for all of them."""

from collections.abc import Awaitable, Callable, Collection, Hashable, Iterable, Mapping
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
Loader = TypeVar("Loader")


class Part(NamedTuple):
    """A window of the list that hangs on one parent."""

    parent_id: int
    window: Window


class Together(Generic[Key, Found]):
    """
    Loads what is kept under keys, each once.

    `load` waits for what others want in the same tick; who knows all that is wanted takes it `at_once`, or takes `one`.
    """

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._found: dict[Key, Found | ChatError] = {}
        self._ticks: DataLoader[Key, Found] | None = None

    async def at_once(self, keys: Iterable[Key]) -> dict[Key, Found | ChatError]:
        """Give what is found under keys, or why nothing is."""
        found = self._found
        if missing := [key for key in dict.fromkeys(keys) if key not in found]:
            await self._visit.ask(self._find, missing)
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

    async def _find(self, work: Work, keys: list[Key]) -> None:
        """Read what is missing; others may have found some of it while this waited for its turn."""
        found = self._found
        if missing := [key for key in keys if key not in found]:
            found |= await self._read(work, missing)

    async def _read(self, work: Work, keys: list[Key]) -> dict[Key, Found | ChatError]:
        raise NotImplementedError


class Keyed(Together[Key, Noun]):
    """Loads nouns by a key; *name* is what is not found."""

    def __init__(
        self,
        visit: Visit,
        read: Callable[[Work, Collection[Key]], Awaitable[Mapping[Key, Noun | Forbidden]]],
        name: str,
    ) -> None:
        super().__init__(visit)
        self._operation, self._name = read, name

    async def _read(self, work: Work, keys: list[Key]) -> dict[Key, Noun | ChatError]:
        found = await self._operation(work, keys)
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
        super().__init__(visit)
        self._operation, self._parent = read, parent

    async def _read(self, work: Work, keys: list[Part]) -> dict[Part, Page[Noun] | ChatError]:
        pages: dict[Part, Page[Noun] | ChatError] = {}
        for window in {part.window for part in keys}:
            wanted = [part.parent_id for part in keys if part.window == window]
            for parent_id, page in (await self._operation(work, wanted, window)).items():
                pages[Part(parent_id, window)] = page
        return {part: pages.get(part) or NotFound(self._parent) for part in keys}


class Once(Generic[Loader]):
    """A loader that is made when it is first wanted (`functools.cached_property` locks, which costs as much as a loader)."""

    def __init__(self, make: Callable[[Visit], Loader]) -> None:
        self._make = make

    def __set_name__(self, _: type, name: str) -> None:
        self._name = name

    def __get__(self, loaders: "Loaders", _: type) -> Loader:
        made = loaders.__dict__[self._name] = self._make(loaders.visit)
        return made


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
        self.visit = visit

    def by_name(self, noun: str) -> Nouns[Any] | None:
        """Give the loader of nodes that are called *noun*."""
        name = NODES.get(noun)
        return None if name is None else getattr(self, name)

    user = Once[Nouns[User]](lambda visit: Keyed(visit, accounts.load_users, "user"))
    session = Once[Nouns[Session]](lambda visit: Keyed(visit, sessions.load_sessions, "session"))
    house = Once[Nouns[House]](lambda visit: Keyed(visit, houses.load_houses, "house"))
    member = Once[Nouns[Member]](lambda visit: Keyed(visit, members.load_members, "member"))
    membership = Once[Keyed[Membership, Member]](
        lambda visit: Keyed(visit, members.load_memberships, "member")
    )
    room = Once[Nouns[Room]](lambda visit: Keyed(visit, rooms.load_rooms, "room"))
    talk = Once[Nouns[Talk]](lambda visit: Keyed(visit, talks.load_talks, "talk"))
    members = Once[Lists[Member]](lambda visit: Lists(visit, members.list_members, "house"))
    rooms = Once[Lists[Room]](lambda visit: Lists(visit, rooms.list_rooms, "house"))
    talks = Once[Lists[Talk]](lambda visit: Lists(visit, talks.list_talks, "room"))
    ban = Once[Nouns[Ban]](lambda visit: Keyed(visit, moderation.load_bans, "ban"))
    invite = Once[Nouns[Invite]](lambda visit: Keyed(visit, invites.load_invites, "invite"))
    join_request = Once[Nouns[JoinRequest]](
        lambda visit: Keyed(visit, join_requests.load_join_requests, "join request")
    )
    audit_entry = Once[Nouns[AuditEntry]](lambda visit: Keyed(visit, audit.load_entries, "audit entry"))
    bans = Once[Lists[Ban]](lambda visit: Lists(visit, moderation.list_bans, "house"))
    invites = Once[Lists[Invite]](lambda visit: Lists(visit, invites.list_invites, "house"))
    join_requests = Once[Lists[JoinRequest]](
        lambda visit: Lists(visit, join_requests.list_join_requests, "house")
    )
    audit_log = Once[Lists[AuditEntry]](lambda visit: Lists(visit, audit.list_entries, "house"))
