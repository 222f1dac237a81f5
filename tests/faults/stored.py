"""What the server keeps: paged through as a client does, and read from the file itself."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from chatgraph.events.kinds import Kind
from tests.cast import Actor

PAGE = """
query ($room: ID!, $after: String) {
  room(id: $room) {
    talks(first: 100, after: $after) {
      nodes { databaseId seq content creator { username } }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""


class Stored(NamedTuple):
    """A talk as a reader finds it; *room* is the index of its room among those that were read."""

    room: int
    id: int
    seq: int
    content: str
    author: str


async def read_everything(reader: Actor, rooms: list[str]) -> list[Stored]:
    """Page through the *rooms*, oldest talk first."""
    found = []
    for index, room in enumerate(rooms):
        after, more = None, True
        while more:
            page = (await reader.ask(PAGE, room=room, after=after))["room"]["talks"]
            for talk in page["nodes"]:
                creator = talk["creator"]["username"]
                found.append(Stored(index, talk["databaseId"], talk["seq"], talk["content"], creator))
            after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    return found


class File(NamedTuple):
    """What stands in the database itself."""

    integrity: str
    journals: dict[int, list[tuple[int, int, int]]]
    keys_used_twice: int

    def journal_faults(self, talk_ids: set[int]) -> int:
        """Count holes in the journals' seqs, and talks that aren't told of exactly once."""
        holes = sum(
            entry[0] != place for journal in self.journals.values() for place, entry in enumerate(journal, 1)
        )
        told = [
            subject
            for journal in self.journals.values()
            for _, kind, subject in journal
            if kind == Kind.TALK_POSTED
        ]
        return holes + len(talk_ids.symmetric_difference(told)) + len(told) - len(set(told))


def read_file(database: Path) -> File:
    """Check the file, and read what only stands there: each house's journal as (seq, kind, subject), and the keys."""
    journals: dict[int, list[tuple[int, int, int]]] = {}
    with closing(sqlite3.connect(database)) as db:
        for house, *entry in db.execute("SELECT house_id, seq, kind, subject_id FROM journal ORDER BY 1, 2"):
            journals.setdefault(house, []).append((entry[0], entry[1], entry[2]))
        distinct = "(SELECT DISTINCT room_id, creator_id, client_key FROM talks)"
        twice = db.execute(f"SELECT (SELECT count(*) FROM talks) - (SELECT count(*) FROM {distinct})")
        return File(db.execute("PRAGMA integrity_check").fetchone()[0], journals, twice.fetchone()[0])


@contextmanager
def as_left_behind(database: Path) -> Iterator[Path]:
    """Give a copy of the file and its log as a killed server left them; to open the file itself would mend it."""
    with tempfile.TemporaryDirectory(dir=database.parent) as folder:
        for name in (database.name, f"{database.name}-wal"):
            if (database.parent / name).exists():
                shutil.copy(database.parent / name, folder)
        yield Path(folder, database.name)
