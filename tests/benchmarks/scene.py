"""What the requests find: a house, a room in which eight people have talked, and a room to post in."""

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass

import httpx
import orjson

from tests.benchmarks.load import encode
from tests.cast import Actor

AUTHORS = 8
TALKS = 200
WORDS = "The kettle has been on for a while, so come over when you are done with that."

PAGE = """
query ($room: ID!) {
  room(id: $room) {
    talks(last: 50) {
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


@dataclass
class Scene:
    """*page* is a request for the newest 50 talks, *answer* its answer; *post* makes a request with a key of its own."""

    page: bytes
    answer: bytes
    post: Callable[[], bytes]


async def set_scene(url: str) -> Scene:
    """Fill a new server, and write down the requests."""
    async with httpx.AsyncClient(base_url=url, timeout=60) as http:
        authors = [Actor(http, f"author{number}") for number in range(AUTHORS)]
        for author in authors:
            await author.register()
            await author.sign_in()
        house = await authors[0].create_house()
        read, posted = [await authors[0].create_room(house, title) for title in ("Hall", "Workshop")]
        for _ in range(TALKS // AUTHORS):
            await asyncio.gather(*(author.post_talk(read, WORDS) for author in authors))
        answer = await authors[0].post(PAGE, {"room": read})
        if len(answer.json()["data"]["room"]["talks"]["edges"]) != 50:
            raise RuntimeError("The page doesn't have 50 talks.")
    tokens = [author.token or "" for author in authors]
    page = encode("/graphql", orjson.dumps({"query": PAGE, "variables": {"room": read}}), tokens[0])
    return Scene(page, answer.content, make_posts(posted, tokens))


def make_posts(room: str, tokens: list[str]) -> Callable[[], bytes]:
    """Give what makes requests to post in a room, by each of the tokens in turn, each with a key of its own."""
    blank = "0" * 32
    given = {"input": {"roomId": room, "content": WORDS, "clientKey": blank}}
    body = orjson.dumps({"query": POST, "variables": given})
    parts = itertools.cycle([encode("/graphql", body, token).split(blank.encode()) for token in tokens])
    keys = itertools.count(1)

    def post() -> bytes:
        before, after = next(parts)
        return b"%s%032d%s" % (before, next(keys), after)

    return post
