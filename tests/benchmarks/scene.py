"""What the requests find: a house, a room in which eight people have talked, a small one, and one to post in."""

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

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
BLANK = "0" * 32  # where a post's key goes
VIEWER = "{ viewer { username } }"


@dataclass
class Scene:
    """
    The ids of the house, of the room to *read*, of the *small* one with 50 talks, and of the one that is *posted* in.

    *tokens* has one for each author; they last for an hour. The first of them owns the house.
    """

    house: str
    read: str
    small: str
    posted: str
    tokens: list[str]

    def tail(self) -> dict[str, object]:
        """Ask for the newest 50 talks."""
        return {"room": self.read, "last": PAGE_SIZE}

    def anywhere(self) -> list[dict[str, object]]:
        """Ask for 50 talks elsewhere in the room each time; no page comes again before two thousand others."""
        scope, places = f"talks/{database_id(self.read)}", TALKS - PAGE_SIZE - 1
        afters = [cursor(scope, 1 + 577 * number % places) for number in range(places)]
        return [{"room": self.read, "first": PAGE_SIZE, "after": after} for after in afters]

    def ask(self, document: str, variables: dict[str, object] | None = None) -> bytes:
        """Write a GraphQL request of the house's owner."""
        body = orjson.dumps({"query": document, "variables": variables or {}})
        return encode("/graphql", body, self.tokens[0])


async def set_scene(url: str) -> Scene:
    """Fill a new server."""
    async with httpx.AsyncClient(base_url=url, timeout=60) as http:
        authors = [Actor(http, f"author{number}") for number in range(AUTHORS)]
        for author in authors:
            await author.register()
            await author.sign_in()
        house = await authors[0].create_house()
        read, small, posted = [
            await authors[0].create_room(house, title) for title in ("Hall", "Nook", "Workshop")
        ]
        for room, talks in ((read, TALKS), (small, PAGE_SIZE), (posted, AUTHORS)):
            for begun in range(0, talks, AUTHORS):
                now = authors[: talks - begun]
                await asyncio.gather(*(author.post_talk(room, WORDS) for author in now))
    return Scene(house, read, small, posted, [lengthen(author.token or "") for author in authors])


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
