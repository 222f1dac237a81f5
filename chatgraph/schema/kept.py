"""What is kept: the pages of talks that rooms were asked for last, as they stand in answers."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple

import orjson

from chatgraph.errors import Invalid
from chatgraph.executor import Keeper
from chatgraph.models import Notes, Room
from chatgraph.operations.asked import Asked
from chatgraph.operations.sight import rooms_for
from chatgraph.schema.ids import read_id

MOST_BYTES = 64 * 1024 * 1024
MOST_ASKED = 2048
# No value may take more than this part of the whole, nor an item more bytes than this.
LARGEST_PART, LARGEST_ITEM = 1 / 8, 64 * 1024
# What a map of the response takes in memory for each byte that it takes in JSON, and what an entry takes beside.
MEMORY_PER_BYTE, MEMORY_PER_ENTRY = 6, 1000
# What an item takes beside its JSON.
MEMORY_PER_ITEM = 100


class Entry(NamedTuple):
    """
    What was worked out, the position of the house's journal then, and what it weighs in bytes.

    *written* is the JSON of the value.
    """

    value: Any
    journal_seq: int
    weight: int
    written: orjson.Fragment


class Kept:
    """
    The last used values, up to *most* bytes of memory: of those that were asked for twice, since most aren't.

    A value holds as long as the journal of its house stands where it stood: whatever changes in a house goes into
    its journal, in the transaction that changes it. So nothing has to be told that a value holds no more, and other
    servers on the same database need not be asked.
    """

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most = most
        self._size = 0
        self._entries: OrderedDict[Hashable, Entry] = OrderedDict()
        self._asked = Asked(MOST_ASKED)

    def find(self, key: Hashable, journal_seq: int, *, written: bool = False) -> Any | None:
        """Give what is kept under a key, or the JSON it is *written* as, if the journal stands where it stood."""
        entry = self._entries.get(key)
        if entry is None or entry.journal_seq != journal_seq:
            return None
        self._entries.move_to_end(key)
        return entry.written if written else entry.value

    def keep(self, key: Hashable, journal_seq: int, value: Any) -> None:
        """Keep a value in place of the one before it; or, the first time, that it was asked for."""
        if before := self._entries.pop(key, None):
            self._size -= before.weight
        elif not self._asked.again(hash(key)):
            return
        written = orjson.dumps(value)
        weight = (len(written) + len(str(key))) * MEMORY_PER_BYTE + MEMORY_PER_ENTRY
        if weight > self._most * LARGEST_PART:
            return
        self._entries[key] = Entry(value, journal_seq, weight, orjson.Fragment(written))
        self._size += weight
        while self._size > self._most:
            self._size -= self._entries.popitem(last=False)[1].weight


class KeptItems(NamedTuple):
    """The items of a page that has *notes*, as they are written; *items* gives those at some places."""

    notes: Notes
    items: Callable[[Sequence[int]], list[Any]]

    def find(self, name: Hashable) -> list[Any | None]:
        """Give the JSON of each item that is kept."""
        return self.notes.read(name)

    def take(self, places: Sequence[int]) -> list[Any]:
        """Give the items themselves."""
        return self.items(places)

    def keep(self, name: Hashable, places: Sequence[int], made: Sequence[Any]) -> None:
        """Keep what some items are written as."""
        written = [orjson.dumps(one) for one in made]
        if max(map(len, written)) > LARGEST_ITEM:
            return
        weights = [len(one) + MEMORY_PER_ITEM for one in written]
        self.notes.write(name, places, [orjson.Fragment(one) for one in written], weights)


class Place(NamedTuple):
    """The place of one value, at one position of the journal; it is found as the JSON that it is *written* as."""

    kept: Kept
    key: Hashable
    journal_seq: int
    written: bool

    def find(self) -> Any | None:
        """Give what is kept, if it holds."""
        return self.kept.find(self.key, self.journal_seq, written=self.written)

    def keep(self, value: Any) -> None:
        """Keep what was worked out."""
        self.kept.keep(self.key, self.journal_seq, value)


def of_room(asked: Hashable, room: Room, info: Any, **_: Any) -> Place | None:
    """Give the place of a field of a room, if the viewer was found to see it in the snapshot of which it is read."""
    kept, seen = info.context.kept, info.context.visit.seen(room.id)
    if kept is None or seen is None or seen.journal_seq is None:
        return None
    written = info.context.written
    return Place(kept, (asked, room.id, written), seen.journal_seq, written)


def of_room_named(argument: str) -> Keeper:
    """Make what gives the place of a field that takes a room's id as an *argument*; none where it will be refused."""

    async def find(asked: Hashable, _: Any, info: Any, **arguments: Any) -> Place | None:
        try:
            key = read_id(arguments[argument], "Room", argument)
        except (Invalid, LookupError):
            return None
        # Past the loader, which who resolves the field will ask: the visit remembers what it found.
        room = (await info.context.ask(rooms_for, (key,))).get(key)
        return of_room(asked, room, info) if isinstance(room, Room) else None

    return find
