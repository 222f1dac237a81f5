"""Clients that post through a load balancer, whatever happens behind it, until they are told to stop."""

import asyncio
import itertools
import time
from json import JSONDecodeError
from typing import Self

import httpx

from tests.cast import Actor, Refused
from tests.faults.ledger import Kept, Ledger, Sent

CURSOR = "query ($id: ID!) { house(id: $id) { cursor } }"


class Posters:
    """
    So many *clients*, Ada's devices, each with one talk under way, in rooms of one house.

    What isn't acknowledged, because a server, the database or nginx says so or says nothing, is sent again.
    """

    def __init__(self, url: str, clients: int = 8, rooms: int = 2, pause: float = 1.0) -> None:
        self.ledger = Ledger()
        self.house = ""
        self.rooms: list[str] = []
        self.retried: list[float] = []  # seconds that talks took that had to be sent again
        self._clients, self._room_count, self._pause = clients, rooms, pause
        self._http = httpx.AsyncClient(base_url=url, timeout=20)
        self.reader = Actor(self._http, "ada")
        self._stopping = False
        self._success = asyncio.Condition()
        self._last = 0.0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def prepare(self) -> None:
        """Register, found the house and open its rooms."""
        await self.reader.register()
        await self.reader.sign_in()
        self.house = await self.reader.create_house()
        for number in range(self._room_count):
            self.rooms.append(await self.reader.create_room(self.house, f"Room {number}"))

    async def guests(self, count: int) -> list[Actor]:
        """Register others and sign them in."""
        guests = [Actor(self._http, f"guest{number}") for number in range(count)]
        for guest in guests:
            await guest.register()
            await guest.sign_in()
        return guests

    async def cursor(self) -> str:
        """Give how far the house's journal has come."""
        return (await self.reader.ask(CURSOR, id=self.house))["house"]["cursor"]

    async def post(self) -> None:
        """Let every client post, one talk a *pause*, until `stop`; what is under way then is finished."""
        await asyncio.gather(*(self._go_on(client) for client in range(self._clients)))

    def stop(self) -> None:
        """Begin no more talks."""
        self._stopping = True

    async def next_success(self, after: float) -> float:
        """Wait for the first talk that is sent and acknowledged after a moment, and give the seconds that took."""
        async with self._success:
            await self._success.wait_for(lambda: self._last > after)
        return time.monotonic() - after

    async def _go_on(self, client: int) -> None:
        for number in itertools.count(1):
            if self._stopping:
                return
            talk = Sent(f"ada-{client}-{number}", client, "ada", client % len(self.rooms))
            began, again = time.monotonic(), False
            while not await self._post(talk):
                again = True
                await asyncio.sleep(0.05)
            if again:
                self.retried.append(time.monotonic() - began)
            await asyncio.sleep(max(0.0, self._pause - (time.monotonic() - began)))

    async def _post(self, talk: Sent) -> bool:
        """Send a talk, and give whether it was acknowledged."""
        self.ledger.send(talk)
        began = time.monotonic()
        given = {"roomId": self.rooms[talk.room], "content": talk.key, "clientKey": talk.key}
        try:
            answer = await self.reader.do("postTalk", "talk { databaseId seq } replayed", **given)
        except (httpx.TransportError, JSONDecodeError):
            return False
        except Refused as refused:
            if refused.code != "UNAVAILABLE":
                raise
            return False
        kept = Kept(answer["talk"]["databaseId"], answer["talk"]["seq"])
        self.ledger.acknowledge(talk, kept, answer["replayed"])
        async with self._success:
            self._last = max(self._last, began)
            self._success.notify_all()
        return True
