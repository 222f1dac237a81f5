"""Measure the same page at the start, in the middle and at the end of a very long list: it should cost the same."""

import sqlite3
import statistics
from contextlib import closing
from itertools import cycle
from pathlib import Path

from chatgraph.schema.ids import cursor
from tests.benchmarks.processes import on_load_core, served
from tests.benchmarks.report import Bound, ratios, tell_bounds, tell_sides
from tests.benchmarks.scene import (
    COUNT,
    PAGE,
    PAGE_SIZE,
    Scene,
    database_id,
    fill,
    pages_after,
    set_scene,
)
from tests.benchmarks.turns import Side, require_same, take_turns
from tests.faults.server import SERVE, Server

TALKS, ROOMS = 1_000_000, 100_000
READ = 300_000  # talks at each place
CLIENTS = 16
MOST = 1.5

ROOM_PAGE = """
query ($house: ID!, $first: Int, $after: String, $last: Int) {
  house(id: $house) {
    rooms(first: $first, after: $after, last: $last) {
      edges { cursor node { id databaseId title createTime creator { id username } } }
      pageInfo { hasPreviousPage hasNextPage startCursor endCursor }
    }
  }
}
"""
FILL_ROOMS = f"""
INSERT INTO rooms (house_id, title, topic, creator_id, create_time)
{COUNT} SELECT house_id, 'Room ' || n, topic, creator_id, create_time
FROM numbers, (SELECT * FROM rooms WHERE id = :room)
"""


async def measure_flat(folder: Path, rounds: int, seconds: float) -> None:
    """Fill a database, measure *rounds* times *seconds* of each place, and print the figures."""
    async with served(folder / "flat", SERVE) as chat:
        with on_load_core():
            scene = await set_scene(chat.url)
    with on_load_core():
        _fill(chat.database, scene)
    async with served(folder / "flat", SERVE) as chat:
        talks, rooms = _talks(chat, scene), _rooms(chat, scene)
        for side in (*talks, *rooms):
            await require_same([side])
        print(
            f"{TALKS:,} talks in a room, {ROOMS:,} rooms in a house; {rounds} rounds of {seconds:g} s each\n"
        )
        with on_load_core():
            await take_turns([*talks, *rooms], rounds, seconds)
    print(tell_sides([*talks, *rooms]))
    bounds = [
        Bound(
            f"{side.name}: CPU, times that of {first.name}",
            statistics.median(ratios(side.costs, first.costs)),
            MOST,
        )
        for first, *others in (talks, rooms)
        for side in others
    ]
    print(f"\n{tell_bounds(bounds)}")


def _fill(path: Path, scene: Scene) -> None:
    """Write straight into the file: the long room gets the talks, the house the rooms."""
    fill(path, scene.long, TALKS)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(FILL_ROOMS, {"room": database_id(scene.posted), "first": 1, "last": ROOMS})


def _talks(chat: Server, scene: Scene) -> list[Side]:
    places = {
        "the start of the long room": 1,
        "its middle": (TALKS - READ) // 2,
        "its end": TALKS - READ,
    }
    return [_side(name, chat, _from(scene, place)) for name, place in places.items()]


def _from(scene: Scene, place: int) -> list[bytes]:
    """Ask for the pages that begin from a place on, of so many talks that none is remembered until it comes again."""
    asked = pages_after(scene.long, range(place, place + READ, PAGE_SIZE))
    return [scene.ask(PAGE, one) for one in asked]


def _rooms(chat: Server, scene: Scene) -> list[Side]:
    size, house = PAGE_SIZE, scene.house
    after = cursor(f"rooms/{database_id(house)}", ROOMS // 2)
    places: dict[str, dict[str, object]] = {
        "the newest rooms": {"house": house, "first": size},
        "rooms in the middle": {"house": house, "first": size, "after": after},
        "the oldest rooms": {"house": house, "last": size},
    }
    return [_side(name, chat, [scene.ask(ROOM_PAGE, asked)]) for name, asked in places.items()]


def _side(name: str, chat: Server, requests: list[bytes]) -> Side:
    return Side(name, chat, cycle(requests).__next__, CLIENTS)
