"""What the clients know: which talks they sent, and which the server said it keeps."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple


class Sent(NamedTuple):
    """A talk as one client sent it; its *key*, the `clientKey`, is its text as well."""

    key: str
    client: int
    author: str
    room: int


class Kept(NamedTuple):
    """A talk as the server says that it keeps it: its database id, and its place in its room."""

    id: int
    seq: int


@dataclass
class Ledger:
    """Written by the clients: *sent* before a talk leaves for the first time, *acknowledged* once its answer is there."""

    sent: dict[str, Sent] = field(default_factory=dict)
    acknowledged: dict[str, Kept] = field(default_factory=dict)
    # Retries that were answered by another talk, or as if it had not been there before.
    broken_retries: list[str] = field(default_factory=list)
    # Retries whose first attempt was kept though nobody was ever told so.
    kept_unanswered: int = 0

    def send(self, talk: Sent) -> None:
        """Note that a talk leaves."""
        self.sent.setdefault(talk.key, talk)

    def acknowledge(self, talk: Sent, kept: Kept, replayed: bool) -> None:
        """Note an answer; of a talk that was acknowledged before, it must be the same one, and *replayed*."""
        before = self.acknowledged.setdefault(talk.key, kept)
        if before is not kept:
            if before != kept or not replayed:
                self.broken_retries.append(talk.key)
        elif replayed:
            self.kept_unanswered += 1

    def in_order(self) -> dict[int, list[int]]:
        """Give the seqs of each client's acknowledged talks, in the order in which it sent them."""
        seqs: dict[int, list[int]] = defaultdict(list)
        for talk in self.sent.values():
            if kept := self.acknowledged.get(talk.key):
                seqs[talk.client].append(kept.seq)
        return seqs
