"""Loaders: what many resolvers want one by one is read once for all of them."""

from collections.abc import Awaitable, Callable, Collection
from typing import Any, NamedTuple, TypeVar

from strawberry.dataloader import DataLoader

from chatgraph.chat import Visit
from chatgraph.errors import NotFound
from chatgraph.models import Member, Page, Room, Talk, Window
from chatgraph.operations import accounts, houses, members, rooms, sessions, talks
from chatgraph.operations.work import Work

Noun = TypeVar("Noun", bound=Any)


class Part(NamedTuple):
    """A window of the list that hangs on one parent."""

    parent_id: int
    window: Window


class Loaders:
    """One loader a noun, and one a list that hangs on a noun; they live as long as one snapshot."""

    def __init__(self, visit: Visit) -> None:
        self.user = _nouns(visit, accounts.load_users, "user")
        self.house = _nouns(visit, houses.load_houses, "house")
        self.member = _nouns(visit, members.load_members, "member")
        self.room = _nouns(visit, rooms.load_rooms, "room")
        self.session = _nouns(visit, sessions.load_sessions, "session")
        self.talk = _nouns(visit, talks.load_talks, "talk")
        self.members: DataLoader[Part, Page[Member]] = _lists(visit, members.list_members, "house")
        self.rooms: DataLoader[Part, Page[Room]] = _lists(visit, rooms.list_rooms, "house")
        self.talks: DataLoader[Part, Page[Talk]] = _lists(visit, talks.list_talks, "room")


def _nouns(
    visit: Visit, read: Callable[[Work, Collection[int]], Awaitable[list[Noun]]], name: str
) -> DataLoader[int, Noun]:
    async def load(ids: list[int]) -> list[Noun | BaseException]:
        found = {noun.id: noun for noun in await visit.ask(read, ids)}
        return [found.get(one) or NotFound(name) for one in ids]

    return DataLoader(load_fn=load)


def _lists(
    visit: Visit,
    read: Callable[[Work, Collection[int], Window], Awaitable[dict[int, Page[Noun]]]],
    parent: str,
) -> DataLoader[Part, Page[Noun]]:
    async def load(parts: list[Part]) -> list[Page[Noun] | BaseException]:
        pages: dict[Part, Page[Noun]] = {}
        for window in {part.window for part in parts}:
            wanted = [part.parent_id for part in parts if part.window == window]
            for parent_id, page in (await visit.ask(read, wanted, window)).items():
                pages[Part(parent_id, window)] = page
        return [pages.get(part) or NotFound(parent) for part in parts]

    return DataLoader(load_fn=load)
