"""Long lists, and what is asked of the schema while one is read."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert, update

from chatgraph.chat import Visit
from chatgraph.schema.graph import Answer, Graph
from chatgraph.store.tables import rooms, talks
from tests.cast import Cast
from tests.conftest import Server

TIME = datetime(2026, 1, 31, 12, tzinfo=UTC)


async def open_rooms(server: Server, count: int, house: int = 1) -> None:
    """Open rooms 1, 2, 3… in a house, the lobby, without asking anybody."""
    rows = [
        {"id": n, "house_id": house, "title": f"Room {n}", "topic": "", "creator_id": 1, "create_time": TIME}
        for n in range(1, count + 1)
    ]
    await server.chat.database.write(lambda db: db.execute(insert(rooms), rows))


async def post_talks(server: Server, count: int, content: str = "Talk", room: int = 1) -> None:
    """Post talks 1, 2, 3… into a room, without asking anybody."""
    rows = [
        {
            "room_id": room,
            "seq": n,
            "content": f"{content} {n}",
            "creator_id": 1,
            "create_time": TIME,
        }
        for n in range(1, count + 1)
    ]
    await server.chat.database.write(lambda db: db.execute(insert(talks), rows))
    await server.chat.database.write(
        lambda db: db.execute(update(rooms).where(rooms.c.id == room).values(last_seq=count))
    )


class Asked:
    """Counts what is asked of the schema, and waits before a page, or fails it, where that is wanted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pages = 0
        self.cancelled = 0
        self.wait_from: int | None = None
        self.fail_from: int | None = None
        self.going_on = asyncio.Event()
        execute, asked = Graph.execute, self

        async def watched(self: Graph, visit: Visit, *given: Any, **options: Any) -> Answer:
            asked.pages += 1
            if asked.wait_from is not None and asked.pages >= asked.wait_from:
                try:
                    await asked.going_on.wait()
                except asyncio.CancelledError:
                    asked.cancelled += 1
                    raise
            if asked.fail_from is not None and asked.pages >= asked.fail_from:
                raise RuntimeError("a defect in a later page")
            return await execute(self, visit, *given, **options)

        monkeypatch.setattr(Graph, "execute", watched)


async def collect(chunks: AsyncIterator[bytes], got: bytearray) -> None:
    """Add to what was got until there is no more, or the connection breaks."""
    async for chunk in chunks:
        got += chunk


def stream(cast: Cast, path: str) -> Any:
    """Ask for a list as Ada, to be read bit by bit."""
    return cast.http.stream("GET", f"/api/v1/{path}", headers=cast.ada.headers)
