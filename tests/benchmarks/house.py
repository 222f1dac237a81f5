"""A house to listen to: its room, who posts there, and enough users for the sockets that one of them may have."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.benchmarks.scene import AUTHORS, make_posts
from tests.cast import Actor
from tests.faults.server import Server

CHEAP = ("-m", "tests.benchmarks.cheap", "serve")
SOCKETS_EACH = 10


@dataclass
class House:
    """*tokens* has one for each listener; *post* makes a request with a key of its own."""

    id: str
    tokens: list[str]
    post: Callable[[], bytes]


async def build_house(folder: Path, listeners: int, database_url: str = "") -> House:
    """Fill a database, or that in a folder, by a server of its own; what it gave is good in every server that follows."""
    server = Server(folder, CHEAP, database_url)
    await server.start()
    try:
        async with httpx.AsyncClient(base_url=server.url, timeout=60) as http:
            users = [Actor(http, f"user{number}") for number in range(-(-listeners // SOCKETS_EACH))]
            for user in users:
                await user.register()
                await user.sign_in()
            house = await users[0].create_house()
            room = await users[0].create_room(house)
            for author in users[:AUTHORS]:
                # The first talk makes them members, of which listeners would hear too.
                await author.post_talk(room)
    finally:
        await server.stop()
    tokens = [user.token or "" for user in users]
    posts = make_posts(room, tokens[:AUTHORS])
    return House(house, [tokens[number // SOCKETS_EACH] for number in range(listeners)], posts)
