"""What the requests find: a house, a room in which eight people have talked, a small one, and one to post in."""

import asyncio
import itertools
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import orjson

from chatgraph.credentials.keys import KeyRing
from chatgraph.credentials.tokens import Tokens
from chatgraph.schema.ids import cursor, split_id
from tests.benchmarks.load import encode
from tests.cast import Actor
from tests.faults.server import SECRET

AUTHORS = 8
TALKS = 2400
PAGE_SIZE = 50
WORDS = "The kettle has been on for a while, so come over when you are done with that."
DAY = 86400

PAGE = """
query ($room: ID!, $first: Int, $after: String, $last: Int) {
  room(id: $room) {
    talks(first: $first, after: $after, last: $last) {
      edges { cursor node { id databaseId seq content createTime creator { id username displayName } } }
      pageInfo { hasPreviousPage hasNextPage startCursor endCursor }
    }
  }
}
"""
POST = """
mutation ($input: PostTalkInput!) {
  postTalk(input: $input) { talk { id databaseId seq createTime } replayed }
}
"""
COUNT = "WITH RECURSIVE numbers(n) AS (SELECT :first UNION ALL SELECT n + 1 FROM numbers WHERE n < :last)"
FILL = f"""
INSERT INTO talks (room_id, seq, content, creator_id, create_time)
{COUNT} SELECT room_id, n, content, creator_id, create_time
FROM numbers JOIN talks ON room_id = :room AND seq = (n - 1) % {AUTHORS} + 1
"""
BLANK = "0" * 32  # where a post's key goes
VIEWER = "{ viewer { username } }"


@dataclass
class Scene:
    """
    The ids of the house, of the room to *read*, of the *small* one with 50 talks, of the one that is *posted* in, and of
    the *long* one, which is as long as it is `fill`ed.

    *tokens* has one for each author; they last for a day. The first of them owns the house.
    """

    house: str
    read: str
    small: str
    posted: str
    long: str
    tokens: list[str]

    def tail(self) -> dict[str, object]:
        """Ask for the newest 50 talks."""
        return {"room": self.read, "last": PAGE_SIZE}

    def anywhere(self) -> list[dict[str, object]]:
        """Ask for 50 talks elsewhere in the room each time; no page comes again before two thousand others."""
        places = TALKS - PAGE_SIZE - 1
        return pages_after(self.read, [1 + 577 * number % places for number in range(places)])

    def ask(self, document: str, variables: dict[str, object] | None = None) -> bytes:
        """Write a GraphQL request of the house's owner."""
        body = orjson.dumps({"query": document, "variables": variables or {}})
        return encode("/graphql", body, self.tokens[0])


def pages_after(room: str, places: Iterable[int]) -> list[dict[str, object]]:
    """Ask for the 50 talks of a room after each of these seqs."""
    scope = f"talks/{database_id(room)}"
    return [{"room": room, "first": PAGE_SIZE, "after": cursor(scope, place)} for place in places]


def fill(database: Path, room: str, talks: int) -> None:
    """Write straight into the file, until a room has so many *talks*: more of those that it begins with."""
    key = database_id(room)
    with closing(sqlite3.connect(database)) as db, db:
        [(last,)] = db.execute("SELECT last_seq FROM rooms WHERE id = ?", (key,))
        db.execute(FILL, {"room": key, "first": last + 1, "last": talks})
        db.execute("UPDATE rooms SET last_seq = ? WHERE id = ?", (talks, key))


async def set_scene(url: str) -> Scene:
    """Fill a new server."""
    async with httpx.AsyncClient(base_url=url, timeout=60) as http:
        authors = [Actor(http, f"author{number}") for number in range(AUTHORS)]
        for author in authors:
            await author.register()
            await author.sign_in()
        house = await authors[0].create_house()
        read, small, posted, long = rooms = [
            await authors[0].create_room(house, title) for title in ("Hall", "Nook", "Workshop", "Archive")
        ]
        for room, talks in zip(rooms, (TALKS, PAGE_SIZE, AUTHORS, AUTHORS), strict=True):
            for begun in range(0, talks, AUTHORS):
                now = authors[: talks - begun]
                await asyncio.gather(*(author.post_talk(room, WORDS) for author in now))
    return Scene(house, read, small, posted, long, [lengthen(author.token or "") for author in authors])


def lengthen(token: str, seconds: int = DAY) -> str:
    """Issue an access token again that is good for longer; its session is good for two weeks."""
    tokens, now = Tokens(KeyRing(SECRET), access_seconds=seconds), datetime.now(UTC)
    access = tokens.read_access(token, now)
    return tokens.issue_access(access.user_id, access.session_id, now)


def database_id(global_id: str) -> int:
    """Give the database id in a global id."""
    return split_id(global_id, "id")[1]


def make_posts(room: str, tokens: list[str]) -> Callable[[], bytes]:
    """Give what makes requests to post in a room, by each of the tokens in turn, each with a key of its own."""
    given = {"input": _post(room)}
    return _numbered("/graphql", orjson.dumps({"query": POST, "variables": given}), tokens)


def make_plain_posts(room: str, tokens: list[str]) -> Callable[[], bytes]:
    """Give what makes the same posts for a route that takes them as plain JSON."""
    return _numbered("/post", orjson.dumps(_post(room)), tokens)


def _post(room: str) -> dict[str, str]:
    return {"roomId": room, "content": WORDS, "clientKey": BLANK}


def _numbered(path: str, body: bytes, tokens: list[str]) -> Callable[[], bytes]:
    parts = itertools.cycle([encode(path, body, token).split(BLANK.encode()) for token in tokens])
    keys = itertools.count(1)

    def post() -> bytes:
        before, after = next(parts)
        return b"%s%032d%s" % (before, next(keys), after)

    return post
