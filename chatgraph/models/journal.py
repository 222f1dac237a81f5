"""What happened in a house, as its journal keeps it."""

from datetime import datetime
from typing import NamedTuple


class Happening(NamedTuple):
    """A row of a house's journal. *kind* is a number of `events.kinds.Kind`; without an actor it was the operator."""

    house_id: int
    seq: int
    kind: int
    subject_id: int
    room_id: int | None
    actor_id: int | None
    time: datetime


class Stretch(NamedTuple):
    """
    What follows a position in a house's journal, oldest first, up to its *head* or as much as was wanted of it.

    Not *whole*, it doesn't reach back to that position, or never came to it: something may be missing before it.
    """

    happenings: list[Happening]
    head: int
    whole: bool
