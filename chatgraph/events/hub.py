"""
The hub: who waits for what happens in which house, and whose right to hear of it has to be asked again.

It tells nobody what happened: the journal does. A wake-up names a house and how far its journal has come, nothing
more, so that it may come twice, late or from another machine.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

from chatgraph.events.heads import Head
from chatgraph.events.kinds import Kind
from chatgraph.events.whispers import AboutUser, MissedIn, Moved, PresenceIn, Whispers

# What may take from somebody the right to listen: from the member it happened to, or from anybody.
ENDS_FOR_SUBJECT = {Kind.MEMBER_LEFT, Kind.USER_BANNED}
ENDS_FOR_ANYBODY = {Kind.HOUSE_UPDATED, Kind.HOUSE_DELETED, Kind.ROOM_DELETED}
# What is whispered to the user it happened to, whichever houses they listen to.
ABOUT_USERS = {Kind.MEMBER_JOINED, Kind.MEMBER_LEFT, Kind.MEMBER_CHANGED, Kind.USER_BANNED}
# What changes things of which was told before.
REWRITES = set(Kind) - {Kind.TALK_POSTED, Kind.ROOM_CREATED}


class Telling(NamedTuple):
    """That something happened, and stands in a house's journal at *seq*."""

    house_id: int
    seq: int
    kind: Kind
    subject_id: int


class Ear(Protocol):
    """Somebody who listens to a house, or to none where that is 0."""

    house_id: int

    @property
    def user_id(self) -> int:
        """Who listens."""
        ...

    @property
    def session_id(self) -> int | None:
        """The session in which they do."""
        ...

    def doubt(self) -> None:
        """
        Tell them nothing until their right to listen was asked again.

        Called at the moment at which it may have ended.
        """
        ...


class Hub:
    """Wakes those who follow a house's journal, and casts doubt on who listens."""

    def __init__(self) -> None:
        self.whispers = Whispers()
        # How often anything of which was told before has changed in a house.
        self.rewrites: Counter[int] = Counter()
        self._heads: dict[int, Head] = {}  # of the houses that somebody follows or listens to
        self._followers: defaultdict[int, set[Callable[[int], None]]] = defaultdict(set)
        self._ears: defaultdict[int, set[Ear]] = defaultdict(set)

    def follow(self, house_id: int, wake: Callable[[int], None]) -> None:
        """Call *wake* with the seq that a house's journal has come to, whenever it may have grown."""
        self._followers[house_id].add(wake)
        self._watch(house_id)

    def unfollow(self, house_id: int, wake: Callable[[int], None]) -> None:
        """Stop calling *wake*."""
        self._followers[house_id].discard(wake)
        if not self._followers[house_id]:
            del self._followers[house_id]
        self._unwatch(house_id)

    def listen(self, ear: Ear) -> None:
        """Take note of somebody who listens."""
        self._ears[ear.house_id].add(ear)
        self._watch(ear.house_id)

    def leave(self, ear: Ear) -> None:
        """Forget somebody who listened."""
        self._ears[ear.house_id].discard(ear)
        if not self._ears[ear.house_id]:
            del self._ears[ear.house_id]
        self._unwatch(ear.house_id)

    @property
    def houses(self) -> list[int]:
        """The houses that somebody follows or listens to."""
        return list(self._heads)

    @property
    def knows_all(self) -> bool:
        """Whether it is known of each of them how far its journal has come."""
        return all(head.seq is not None for head in self._heads.values())

    def knows(self, house_id: int) -> bool:
        """Tell whether it is known how far a house's journal has come."""
        return house_id in self._heads and self._heads[house_id].seq is not None

    def is_behind(self, house_id: int, seq: int) -> bool:
        """Tell whether something in a house's journal up to *seq* wasn't told here, as far as is known."""
        return house_id in self._heads and self._heads[house_id].is_behind(seq)

    def miss(self, house_id: int, seq: int) -> None:
        """
        Take it that nobody will tell what else stands in a house's journal up to *seq*: any right may have ended.

        Who follows the journal reads there whose it was; who hears of the house by whispers alone is told of this by one.
        """
        if house_id in self._heads:
            self._heads[house_id].pass_to(seq)
        self.whispers.whisper(MissedIn(house_id), seq)

    @property
    def sessions(self) -> set[int]:
        """The sessions in which somebody listens."""
        ears = (ear for ears in self._ears.values() for ear in ears)
        return {ear.session_id for ear in ears if ear.session_id is not None}

    def wake(self, house_id: int, seq: int) -> None:
        """Say that a house's journal has come to *seq*, from wherever that is known."""
        for follower in list(self._followers.get(house_id, ())):
            follower(seq)

    def tell(self, tellings: Iterable[Telling]) -> None:
        """Say what was just committed here, before whoever did it is answered."""
        for telling in tellings:
            self._note(telling)
            if telling.kind in ENDS_FOR_SUBJECT:
                self.doubt(telling.house_id, telling.subject_id)
                gone = Moved(telling.subject_id, online=False)
                self.whispers.whisper(PresenceIn(telling.house_id), gone)
            elif telling.kind in ENDS_FOR_ANYBODY:
                self.doubt(telling.house_id)
            if telling.kind in ABOUT_USERS:
                self.whispers.whisper(AboutUser(telling.subject_id), telling)
            self.rewrites[telling.house_id] += telling.kind in REWRITES
            self.wake(telling.house_id, telling.seq)

    def hear_of(self, telling: Telling) -> None:
        """Take what was committed elsewhere. Where something before it wasn't told, nobody knows what it was."""
        self.rewrites[telling.house_id] += not self._note(telling)
        self.tell([telling])

    def doubt(self, house_id: int, user_id: int | None = None) -> None:
        """Ask again whether a user, or anybody, may listen to a house."""
        for ear in list(self._ears.get(house_id, ())):
            if user_id is None or ear.user_id == user_id:
                ear.doubt()

    def doubt_sessions(self, *, user_id: int | None = None, session_ids: Iterable[int] = ()) -> None:
        """Ask again whether the sessions of a user, or these sessions, go on."""
        ended = set(session_ids)
        for ears in list(self._ears.values()):
            for ear in list(ears):
                if ear.user_id == user_id or ear.session_id in ended:
                    ear.doubt()

    def _watch(self, house_id: int) -> None:
        if house_id and house_id not in self._heads:
            self._heads[house_id] = Head()

    def _unwatch(self, house_id: int) -> None:
        if house_id not in self._followers and house_id not in self._ears:
            self._heads.pop(house_id, None)

    def _note(self, telling: Telling) -> bool:
        head = self._heads.get(telling.house_id)
        return head is not None and head.take(telling.seq)
