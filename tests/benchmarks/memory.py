"""Measure what memory a server holds after very many requests of very many different documents."""

import asyncio
import itertools
import random
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.posting import Poster
from tests.benchmarks.processes import on_load_core, resident_bytes, served
from tests.benchmarks.scene import set_scene
from tests.faults.server import SERVE

DOCUMENTS = 5000
CLIENTS = 16
SHARES = (0.01, 0.1, 0.5, 1)
FIELDS = ("databaseId", "seq", "content", "createTime", "editTime", "removeTime")


async def measure_memory(folder: Path, requests: int) -> None:
    """Send so many requests, and print what the server holds at 1 %, 10 %, 50 % and all of them."""
    print(f"{requests:,} requests of {DOCUMENTS:,} different documents, {CLIENTS} clients\n")
    print("| requests | resident MB |\n|---|---|")
    async with served(folder / "memory", SERVE) as chat:
        with on_load_core():
            scene = await set_scene(chat.url)
            coming = _as_they_come([scene.ask(_document(n), {"room": scene.read}) for n in range(DOCUMENTS)])
            sent = 0
            for share in SHARES:
                wanted = int(share * requests) - sent
                stretch = itertools.islice(coming, wanted)
                await asyncio.gather(*(_send(chat.url, stretch) for _ in range(CLIENTS)))
                sent += wanted
                print(f"| {sent:,} | {resident_bytes(chat) / 2**20:.1f} |", flush=True)


def _as_they_come(documents: list[bytes]) -> Iterator[bytes]:
    """Give all documents in turn, twice, then each as often as its place among them says (Zipf's law)."""
    yield from documents
    yield from documents
    chance, weights = random.Random(5000), [1 / (1 + place) for place in range(len(documents))]
    while True:
        yield from chance.choices(documents, weights, k=1000)


async def _send(url: str, stretch: Iterator[bytes]) -> None:
    """Send what nobody else has sent yet, one request after the other."""
    poster = await Poster.connect(url, lambda: next_request)
    for next_request in stretch:  # noqa: B007
        await poster.post()
    poster.transport.close()


def _document(number: int) -> str:
    """Write a document like no other: by its operation's name, an alias, and the fields that it wants."""
    fields = " ".join(field for place, field in enumerate(FIELDS) if number >> place & 1)
    wanted = f"field{number}: id {fields} creator {{ username }}"
    return f"query Page{number}($room: ID!) {{ room(id: $room) {{ talks(last: 5) {{ nodes {{ {wanted} }} }} }} }}"
