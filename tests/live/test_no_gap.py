"""Read the page, then subscribe from its cursor: what was read and what is told are all that happened, each once."""

import asyncio
import random

from chatgraph.chat import Chat
from chatgraph.events.kinds import Kind
from chatgraph.models import Happening
from chatgraph.viewer import Viewer
from tests.cast import Actor, Cast
from tests.conftest import Server
from tests.live.guests import Flow, Place, as_told, make_guests, make_place, read_journal, rounds
from tests.live.listeners import HOUSE, ROOM, Listener, seq_of

TOGETHER = 10  # rounds that run beside each other, by users of their own: a user has at most 10 sockets
READ = """query ($house: ID!, $room: ID!) {
  house(id: $house) { cursor }
  room(id: $room) { lastSeq talks(last: 20) { nodes { databaseId seq content removeTime } } }
}"""


class Round:
    """One reader: the page, and what was told after its cursor."""

    def __init__(self, server: Server, reader: Actor, place: Place, document: str) -> None:
        self.url, self.reader, self.place, self.document = server.url, reader, place, document

    async def run(self) -> None:
        """Read, subscribe, and listen to some of what follows."""
        read = await self.reader.ask(READ, house=self.place.house_id, room=self.place.room_id)
        self.cursor, self.room = read["house"]["cursor"], read["room"]
        wanted = self.place.house_id if self.document is HOUSE else self.place.room_id
        self.listener = Listener(self.url, self.reader.token, wanted, self.cursor, self.document)
        async with self.listener as listener:
            count = random.randint(1, 60)
            await listener.until(lambda: len(listener.told) >= count or listener.end is not None)

    def missed(self, journal: list[Happening]) -> int:
        """Count what was neither on the page nor told, up to the last that was told."""
        return len(self._expected(journal) - self._told())

    def repeated(self, journal: list[Happening]) -> int:
        """Count what was told twice, or though it stood on the page already."""
        return len(self.listener.told) - len(self._told() & self._expected(journal))

    def page_faults(self, journal: list[Happening]) -> int:
        """Count what the page shows otherwise than the journal tells up to the cursor beside it."""
        before = journal[: seq_of(self.cursor)]
        posted = [one.subject_id for one in before if one.kind == Kind.TALK_POSTED]
        removed = {one.subject_id for one in before if one.kind == Kind.TALK_REMOVED}
        shown = self.room["talks"]["nodes"]
        wrong = [talk["databaseId"] for talk in shown] != posted[-20:]
        wrong += self.room["lastSeq"] != len(posted)
        return wrong + sum((talk["content"] is None) != (talk["databaseId"] in removed) for talk in shown)

    def seq_faults(self) -> int:
        """Count the talks told of whose seq doesn't follow that of the one before, from the page on."""
        posted = [one.data["talk"]["seq"] for one in self.listener.told if one.kind == "TalkPosted"]
        first = self.room["lastSeq"] + 1
        return sum(seq != place for place, seq in enumerate(posted, first))

    def _told(self) -> set[tuple[int, str, int]]:
        return {(one.seq, one.kind, one.data["talk"]["databaseId"]) for one in self.listener.told}

    def _expected(self, journal: list[Happening]) -> set[tuple[int, str, int]]:
        last = self.listener.told[-1].seq
        return set(as_told(journal[seq_of(self.cursor) : last]))


async def read_and_listen(server: Server, actors: list[Actor], place: Place, count: int) -> list[Round]:
    """Let the actors read and listen, *count* times in all, to the house and to the room by turns."""
    done: list[Round] = []

    async def go_on(actor: Actor) -> None:
        while len(done) < count:
            one = Round(server, actor, place, (HOUSE, ROOM)[len(done) % 2])
            await one.run()
            done.append(one)

    await asyncio.gather(*(go_on(actor) for actor in actors))
    return done


async def make_scene(chat: Chat, cast: Cast, authors: list[Viewer]) -> tuple[Place, list[Actor]]:
    owner, *guests = await make_guests(chat, TOGETHER + 1)
    place = await make_place(chat, owner.viewer, [*authors, *(guest.viewer for guest in guests)])
    return place, [guest.over(cast.http) for guest in guests]


async def test_the_page_and_what_is_told_after_its_cursor_are_all_talks_each_once(
    server: Server, cast: Cast
) -> None:
    authors = [guest.viewer for guest in await make_guests(server.chat, 48, "author")]
    place, actors = await make_scene(server.chat, cast, authors)
    async with Flow(server.chat, place, authors) as flow:
        await flow.until_done(50)
        done = await read_and_listen(server, actors, place, rounds("READINGS", 40))
        rate = flow.per_second
    journal = await read_journal(server.chat, place.house)
    found = {
        "rounds": len(done),
        "told": sum(len(one.listener.told) for one in done),
        "missed": sum(one.missed(journal) for one in done),
        "repeated": sum(one.repeated(journal) for one in done),
        "out of order": sum(not one.listener.in_order for one in done),
        "pages unlike their cursor": sum(one.page_faults(journal) for one in done),
        "seqs with holes": sum(one.seq_faults() for one in done),
        "ended": sum(one.listener.end is not None for one in done),
    }
    print(found, f"{rate:.0f} changes/s")
    assert list(found.values())[2:] == [0] * 6, found
