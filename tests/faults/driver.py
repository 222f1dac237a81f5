"""Clients that post for as long as there is a server, and remember what they sent and what they were told."""

import asyncio
import itertools
import time
from collections.abc import Iterator
from typing import Self

import httpx

from tests.cast import Actor, Refused
from tests.faults.ledger import Kept, Ledger, Sent

SIGN_IN_AGAIN = 300  # seconds; access tokens are good for 600


class Driver:
    """
    *clients* clients, who are the devices of Ada and Ben, in *rooms* rooms of one house.

    A client posts its next talk once the last one was acknowledged. What wasn't is sent again under the same
    `clientKey`, for as long as it takes.
    """

    def __init__(self, clients: int, rooms: int = 3) -> None:
        self.ledger = Ledger()
        self.rooms: list[str] = []
        self.answered = asyncio.Event()  # set by every acknowledgement
        self._room_count = rooms
        self._http = httpx.AsyncClient()
        self._authors = [Actor(self._http, "ada"), Actor(self._http, "ben")]
        self._signed_in = -float(SIGN_IN_AGAIN)
        self._talks = [self._talks_of(client, client % rooms) for client in range(clients)]
        self._unanswered: list[Sent | None] = [None] * clients

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    @property
    def reader(self) -> Actor:
        """Who looks afterwards."""
        return self._authors[0]

    async def prepare(self, url: str) -> None:
        """Register the authors on a new server, found a house and open its rooms."""
        await self.turn_to(url, sign_in=False)
        for author in self._authors:
            await author.register()
        await self.turn_to(url)
        house = await self.reader.create_house()
        for number in range(self._room_count):
            self.rooms.append(await self.reader.create_room(house, f"Room {number}"))

    async def turn_to(self, url: str, *, sign_in: bool = True) -> None:
        """Speak with the server at *url* from now on, and wait until it answers a query."""
        await self._http.aclose()
        limits = httpx.Limits(max_connections=len(self._talks), max_keepalive_connections=len(self._talks))
        transport = httpx.AsyncHTTPTransport(limits=limits, verify=False)
        self._http = httpx.AsyncClient(base_url=url, transport=transport, timeout=20)
        for author in self._authors:
            author.http = self._http
        await self.reader.ask("{ viewer { id } }")
        if sign_in and time.monotonic() - self._signed_in > SIGN_IN_AGAIN:
            await asyncio.gather(*(author.sign_in() for author in self._authors))
            self._signed_in = time.monotonic()

    async def post_until_gone(self) -> None:
        """Let every client post until the server is gone."""
        await asyncio.gather(*(self._post_until_gone(client) for client in range(len(self._talks))))

    async def post_unanswered(self) -> None:
        """Send again what was never acknowledged, and nothing else."""
        waiting = [talk for talk in self._unanswered if talk is not None]
        await asyncio.gather(*(self._post(talk) for talk in waiting))

    async def repeat(self, newest: int) -> int:
        """Send the *newest* acknowledged talks again, as a client that forgot the answers, and give how many."""
        again = list(self.ledger.acknowledged)[-newest:]
        await asyncio.gather(*(self._post(self.ledger.sent[key]) for key in again))
        return len(again)

    def _talks_of(self, client: int, room: int) -> Iterator[Sent]:
        author = self._authors[client % len(self._authors)].username
        for number in itertools.count(1):
            yield Sent(f"{author}-{client}-{number}", client, author, room)

    async def _post_until_gone(self, client: int) -> None:
        while True:
            talk = self._unanswered[client] or next(self._talks[client])
            self._unanswered[client] = talk
            try:
                await self._post(talk)
            except httpx.TransportError:
                return
            except Refused as refused:
                if refused.code != "UNAVAILABLE":
                    raise
                continue
            self._unanswered[client] = None

    async def _post(self, talk: Sent) -> None:
        author = self._authors[talk.client % len(self._authors)]
        self.ledger.send(talk)
        given = {"roomId": self.rooms[talk.room], "content": talk.key, "clientKey": talk.key}
        answer = await author.do("postTalk", "talk { databaseId seq } replayed", **given)
        kept = Kept(answer["talk"]["databaseId"], answer["talk"]["seq"])
        self.ledger.acknowledge(talk, kept, answer["replayed"])
        self.answered.set()
