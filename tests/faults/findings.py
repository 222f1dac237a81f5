"""What was sent, acknowledged and stored, laid side by side: what doesn't agree is counted, and 0 is what is promised."""

from collections import Counter
from dataclasses import asdict, dataclass, fields
from itertools import pairwise
from typing import Self

from tests.faults.ledger import Kept, Ledger
from tests.faults.stored import File, Stored


@dataclass
class Findings:
    """Faults, each of which must be 0."""

    lost: int = 0
    """Acknowledged, and not stored as it was acknowledged."""
    phantom: int = 0
    """Stored, and never sent."""
    duplicated: int = 0
    """Stored more than once under one key."""
    changed: int = 0
    """Stored, but in another room or under another author than it was sent."""
    retries_broken: int = 0
    """Acknowledged twice, with another talk, or the second time without `replayed`."""
    holes: int = 0
    """Seqs of a room that aren't 1, 2, 3…"""
    out_of_order: int = 0
    """Talks of a client that stand before one that it sent earlier."""
    journal: int = 0
    """Holes in the journal, and talks of which it doesn't tell exactly once."""
    integrity: int = 0
    """Times that `PRAGMA integrity_check` didn't say ok."""

    @property
    def clean(self) -> bool:
        """Whether every promise was kept."""
        return not any(asdict(self).values())

    def __add__(self, other: Self) -> "Findings":
        return Findings(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


def compare(ledger: Ledger, stored: list[Stored]) -> Findings:
    """Lay what the clients know beside what a reader finds."""
    kept = {talk.content: Kept(talk.id, talk.seq) for talk in stored}
    times = Counter(talk.content for talk in stored)
    sent = {key: (talk.room, talk.author) for key, talk in ledger.sent.items()}
    rooms: dict[int, list[int]] = {}
    for talk in stored:
        rooms.setdefault(talk.room, []).append(talk.seq)
    return Findings(
        lost=sum(kept.get(key) != told for key, told in ledger.acknowledged.items()),
        phantom=sum(talk.content not in sent for talk in stored),
        duplicated=sum(count - 1 for count in times.values()),
        changed=sum(sent.get(talk.content, ()) not in ((), (talk.room, talk.author)) for talk in stored),
        retries_broken=len(ledger.broken_retries),
        holes=sum(seq != place for seqs in rooms.values() for place, seq in enumerate(seqs, 1)),
        out_of_order=sum(
            later <= earlier for seqs in ledger.in_order().values() for earlier, later in pairwise(seqs)
        ),
    )


def compare_file(stored: list[Stored], file: File) -> Findings:
    """Lay what a reader finds beside what stands in the file."""
    return Findings(
        duplicated=file.keys_used_twice,
        journal=file.journal_faults({talk.id for talk in stored}),
        integrity=int(file.integrity != "ok"),
    )
