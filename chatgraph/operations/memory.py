"""Memory: the talks that were read last are not read again as long as they stay as they are."""

from collections import OrderedDict
from collections.abc import Hashable, Sequence
from sys import getsizeof
from typing import Any, NamedTuple

from chatgraph.events.kinds import Kind
from chatgraph.models import Page, Room, Talk, Window
from chatgraph.operations.asked import Asked
from chatgraph.store import journal, talks
from chatgraph.store.rows import Connection

MOST_BYTES = 64 * 1024 * 1024
BLOCK = 64  # talks
MOST_ASKED = 2048  # blocks
# Where more has happened in a house, its talks are read again sooner than what happened is counted.
MOST_COUNTED = 250
# Of so many kinds of notes in a block, the one that was begun first goes when another is begun.
MOST_NAMES = 4
# What a block takes of memory, in bytes, the notes of one name in it, and a talk beside its content (tracemalloc: 290
# and its share of the block).
BLOCK_WEIGHT, NAME_WEIGHT, TALK_WEIGHT = 1000, 700, 320
NOTHING: list[Any] = [None] * BLOCK
CHANGES = (Kind.TALK_EDITED, Kind.TALK_REMOVED)


class Column:
    """What is noted under one name of each talk in a block."""

    __slots__ = ("notes", "weight")

    def __init__(self) -> None:
        self.notes = NOTHING.copy()
        self.weight = NAME_WEIGHT


class Block:
    """
    Talks that follow each other in a room, None where nobody has read one yet, with what is noted of them.

    They are so at *journal_seq*, the position of their house's journal, and have been since they were read: what
    changes one makes the whole block be forgotten, so that it is not *held* any more.
    """

    __slots__ = ("columns", "held", "journal_seq", "talks", "weight")

    def __init__(self, journal_seq: int) -> None:
        self.held = False
        self.journal_seq = journal_seq
        self.talks: list[Talk | None] = NOTHING.copy()
        self.columns: dict[Hashable, Column] = {}
        self.weight = BLOCK_WEIGHT


class Part(NamedTuple):
    """The part of a page that stands in one block, from *start* to before *end*."""

    block: Block
    start: int
    end: int


class Memory:
    """
    The talks that were read last, up to *most* bytes, of blocks that were asked for twice.

    Whoever reads asks the house's journal, in their own snapshot, whether what is remembered still holds there. So
    nothing has to be told that it doesn't, and servers on the same database need not ask each other.
    """

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most = most
        self._size = 0
        self._blocks: OrderedDict[tuple[int, int], Block] = OrderedDict()
        self._asked = Asked(MOST_ASKED)

    async def page(self, db: Connection, room: Room, journal_seq: int, window: Window) -> Page[Talk]:
        """
        Give a page of a room's talks, read together with the room where its house's journal stands at *journal_seq*.

        One that is remembered whole from now on has notes.
        """
        first, last = bounds(window, room.last_seq)
        if last < first:
            follows = window.after is not None and min(window.after, room.last_seq) >= 1
            precedes = window.before is not None and max(window.before, 1) <= room.last_seq
            return Page([], follows, precedes)
        parts: list[Part] = []
        for number in range((first - 1) // BLOCK, (last - 1) // BLOCK + 1):
            start = number * BLOCK + 1
            block = await self._block(db, room, number, journal_seq)
            parts.append(Part(block, max(first - start, 0), min(last - start + 1, BLOCK)))
        items: list[Any] = []
        for block, start, end in parts:
            items += block.talks[start:end]
        if None in items:
            begin, end = items.index(None), len(items) - items[::-1].index(None)
            items[begin:end] = await talks.span(db, room.id, first + begin, first + end - 1)
            if len(items) != last - first + 1:  # rows were taken away by hand
                return (await talks.pages(db, [room.id], window))[room.id]
            self._remember(parts, items)
        notes = Noted(self, parts) if all(part.block.held for part in parts) else None
        return Page(items, first > 1, last < room.last_seq, notes)

    def weigh(self, block: Block, weight: int) -> None:
        """Add to what a block weighs. The least used blocks go when all weigh too much."""
        block.weight += weight
        if block.held:
            self._size += weight
        while self._size > self._most:
            self._forget(next(iter(self._blocks)))

    async def _block(self, db: Connection, room: Room, number: int, journal_seq: int) -> Block:
        """Give a block that holds at a position: what is remembered, or an empty one, for this page alone at first."""
        key, changed = (room.id, number), False
        while (block := self._blocks.get(key)) is not None and block.journal_seq < journal_seq:
            if await _still_holds(db, room, number, block.journal_seq, journal_seq):
                block.journal_seq = max(block.journal_seq, journal_seq)
            elif self._blocks.get(key) is block:
                self._forget(key)
                changed = True
        if block is None:
            block = Block(journal_seq)
            if not changed and not self._asked.again(key):
                return block
            block.held = True
            self._blocks[key] = block
            self._size += block.weight
        elif block.journal_seq > journal_seq:
            return Block(journal_seq)  # others have seen later snapshots
        self._blocks.move_to_end(key)
        return block

    def _remember(self, parts: list[Part], items: list[Talk]) -> None:
        at = 0
        for block, start, end in parts:
            now = items[at : at + end - start]
            at += end - start
            if block.held:
                fresh = [talk for old, talk in zip(block.talks[start:end], now, strict=True) if old is None]
                block.talks[start:end] = now
                self.weigh(block, sum(TALK_WEIGHT + getsizeof(talk.content) for talk in fresh))

    def _forget(self, key: tuple[int, int]) -> None:
        block = self._blocks.pop(key)
        block.held = False
        self._size -= block.weight


class Noted:
    """The notes of a page's talks, which stand in the *parts* of it."""

    def __init__(self, memory: Memory, parts: list[Part]) -> None:
        self._memory, self._parts = memory, parts

    def read(self, name: Hashable) -> list[Any | None]:
        """Give what is noted under a name of each talk; None where nothing is."""
        notes: list[Any] = []
        for block, start, end in self._parts:
            column = block.columns.get(name)
            notes += (NOTHING if column is None else column.notes)[start:end]
        return notes

    def write(
        self, name: Hashable, places: Sequence[int], notes: Sequence[Any], weights: Sequence[int]
    ) -> None:
        """Note what was made of the talks at these places."""
        spots = [(block, at) for block, start, end in self._parts for at in range(start, end)]
        for place, note, weight in zip(places, notes, weights, strict=True):
            block, at = spots[place]
            column = block.columns.get(name) or self._begin(block, name)
            if column.notes[at] is None:
                column.notes[at] = note
                column.weight += weight
                self._memory.weigh(block, weight)

    def _begin(self, block: Block, name: Hashable) -> Column:
        weight = 0
        if len(block.columns) == MOST_NAMES:
            weight = block.columns.pop(next(iter(block.columns))).weight
        column = block.columns[name] = Column()
        self._memory.weigh(block, column.weight - weight)
        return column


def bounds(window: Window, last_seq: int) -> tuple[int, int]:
    """Give the seqs of the first and the last talk in a window of a room; nothing is in it if the last comes first."""
    first = max(window.after or 0, 0) + 1
    last = last_seq if window.before is None else min(window.before - 1, last_seq)
    if window.backwards:
        return max(first, last - window.size + 1), last
    return first, min(last, first + window.size - 1)


async def _still_holds(db: Connection, room: Room, number: int, since: int, until: int) -> bool:
    """Tell whether nothing has changed the talks of a block between two positions of the journal."""
    if until - since > MOST_COUNTED:
        return False
    stretch = journal.RoomStretch(room.id, number * BLOCK + 1, number * BLOCK + BLOCK)
    happened, changed = await journal.count(db, room.house_id, since, until, CHANGES, stretch)
    # The journal forgets by time: where some of it is gone, nobody knows what it told.
    return happened == until - since and not changed
