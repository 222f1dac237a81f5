"""Whispers: what is told to who hears it now, and never kept. One may be lost."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

Take = Callable[[Any], None]


class Whispers:
    """Who hears of what: *topics* are `TypingIn`, `PresenceIn`, `TalksIn`, `MissedIn` and `AboutUser`."""

    def __init__(self) -> None:
        self._hearers: defaultdict[Hashable, set[Take]] = defaultdict(set)

    def hear(self, topic: Hashable, take: Take) -> None:
        """Call *take*, which must not wait, with what is whispered about *topic*."""
        self._hearers[topic].add(take)

    def hush(self, topic: Hashable, take: Take) -> bool:
        """Stop calling *take*. Give whether anybody still hears of *topic*."""
        self._hearers[topic].discard(take)
        if not self._hearers[topic]:
            del self._hearers[topic]
        return topic in self._hearers

    def whisper(self, topic: Hashable, what: Any) -> None:
        """Tell who hears of *topic* now."""
        for take in list(self._hearers.get(topic, ())):
            take(what)

    def whisper_all(self, whispered: Iterable[tuple[Hashable, Any]]) -> None:
        """Tell several things, each about its topic."""
        for topic, what in whispered:
            self.whisper(topic, what)


@dataclass(frozen=True, slots=True)
class TypingIn:
    """That somebody writes in this room."""

    room_id: int


@dataclass(frozen=True, slots=True)
class PresenceIn:
    """That a member of this house came or went."""

    house_id: int


@dataclass(frozen=True, slots=True)
class TalksIn:
    """That something was said in this house."""

    house_id: int


@dataclass(frozen=True, slots=True)
class MissedIn:
    """That something happened in this house of which nobody told what it was."""

    house_id: int


@dataclass(frozen=True, slots=True)
class AboutUser:
    """That something happened to this user, in whichever house."""

    user_id: int


class Wrote(NamedTuple):
    """That a user writes in a room, or stopped; *until* is when that is old."""

    room_id: int
    user_id: int
    typing: bool
    until: datetime


class Moved(NamedTuple):
    """That a user came or went."""

    user_id: int
    online: bool


class Said(NamedTuple):
    """That so many talks were posted in a room since the last time this was told."""

    house_id: int
    room_id: int
    talks: int
