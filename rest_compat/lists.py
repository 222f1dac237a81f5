"""Whole lists, a page at a time: at most two pages are in memory, and no snapshot is held while a client reads."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, NamedTuple, Protocol

import orjson
from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send


class Listing(NamedTuple):
    """A list of the contract: *root* is its connection in the stored document, *members* the arrays made of its nodes."""

    root: str
    members: Mapping[str, Callable[[dict[str, Any]], Any]]


class Ask(Protocol):
    """Asks the stored document again, with these variables changed. Raises `ClientDisconnect` where nobody waits."""

    async def __call__(self, **changed: Any) -> dict[str, Any]: ...


class BrokenOff(Exception):
    """Raised when a list can't go on: the connection is closed within the JSON, so that it can't look complete."""


class Pages(StreamingResponse):
    """Sends pages one by one. Starlette would cancel a query when its client goes away; this one ends after it."""

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await self.stream_response(send)


async def write(listed: Listing, first: dict[str, Any], ask: Ask) -> AsyncIterator[bytes]:
    """
    Write the JSON object of a list whose *first* page is there already.

    Each array goes through the pages on its own, from that first one on. Raises `BrokenOff`.
    """
    opening = b"{"
    for member, shape in listed.members.items():
        chunk, separator = opening + orjson.dumps(member) + b":[", b""
        async for nodes in _pages(listed.root, first, ask):
            written = [shaped for node in nodes if (shaped := shape(node)) is not None]
            if written:
                chunk += separator + orjson.dumps(written)[1:-1]
                separator = b","
            if chunk:
                yield chunk
            chunk = b""
        opening = b"],"
    yield b"]}"


async def _pages(root: str, first: dict[str, Any], ask: Ask) -> AsyncIterator[list[dict[str, Any]]]:
    """Give the nodes of each page, up to the `newest` that there was at first: a list that grows comes to its end."""
    newest = [node["databaseId"] for node in first.get("newest", {}).get("nodes", ())]
    page = first[root]
    while True:
        nodes, place = page["nodes"], page["pageInfo"]
        if newest and nodes and nodes[-1]["databaseId"] >= newest[0]:
            yield [node for node in nodes if node["databaseId"] <= newest[0]]
            return
        yield nodes
        if not place["hasNextPage"]:
            return
        try:
            page = (await ask(after=place["endCursor"], beginning=False))[root]
        except ClientDisconnect:
            raise
        except Exception as error:
            raise BrokenOff(f"The list of {root} ended early: {error}") from error
