"""Whole lists: a short one at once; of a long one at most two pages are in memory, and no snapshot is held meanwhile."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, NamedTuple, Protocol

import orjson
import structlog
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from rest_compat.problems import Refused

Nodes = list[dict[str, Any]]

log = structlog.get_logger()


class Listing(NamedTuple):
    """
    A list of the contract: *root* is its connection in the stored document, *members* the arrays made of its nodes.

    One that *grows* at its end ends with what is the newest at first: its document tells that where the variable
    `newest` is true.
    """

    root: str
    members: Mapping[str, Callable[[Nodes], list[Any]]]
    grows: bool = False


class Ask(Protocol):
    """
    Asks the stored document again, with these variables changed.

    Raises `Refused`, and `ClientDisconnect` where nobody waits.
    """

    async def __call__(self, **changed: Any) -> dict[str, Any]: ...


class Pages(StreamingResponse):
    """
    Sends pages one by one. Starlette would cancel a query when its client goes away; this one ends after it.

    When the list can't go on, the answer is left without its end: the server closes the connection within the JSON, so
    that it can't look complete.
    """

    def __init__(self, pages: AsyncIterator[bytes], *, head: bool) -> None:
        super().__init__(pages, headers={"Cache-Control": "no-store"}, media_type="application/json")
        self._head = head

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        if self._head:
            self.body_iterator = _nothing()
        try:
            await self.stream_response(send)
        except Refused as refused:
            if refused.is_defect:
                raise
            code = refused.extensions["code"]
            log.warning("list broken off", path=scope["path"], code=code, reason=refused.detail)


def is_whole(listed: Listing, first: dict[str, Any]) -> bool:
    """Tell whether a list ends with its *first* page."""
    return not first[listed.root]["pageInfo"]["hasNextPage"]


def write_whole(listed: Listing, first: dict[str, Any]) -> dict[str, list[Any]]:
    """Make the JSON object of a list that ends with its *first* page."""
    nodes = first[listed.root]["nodes"]
    return {member: shape(nodes) for member, shape in listed.members.items()}


async def find_newest(listed: Listing, ask: Ask) -> int | None:
    """Give the database id with which a list that grows ends; None for one that doesn't grow."""
    if not listed.grows:
        return None
    nodes = (await ask(newest=True))["newest"]["nodes"]
    return nodes[-1]["databaseId"] if nodes else None


async def write(listed: Listing, first: dict[str, Any], newest: int | None, ask: Ask) -> AsyncIterator[bytes]:
    """
    Write the JSON object of a list whose *first* page is there already.

    Each array goes through the pages on its own, from that first one on. Raises what *ask* raises.
    """
    opening = b"{"
    for member, shape in listed.members.items():
        chunk, separator = opening + orjson.dumps(member) + b":[", b""
        async for nodes in _pages(listed.root, first, newest, ask):
            if written := shape(nodes):
                chunk += separator + orjson.dumps(written)[1:-1]
                separator = b","
            if chunk:
                yield chunk
            chunk = b""
        opening = b"],"
    yield b"]}"


async def _pages(root: str, first: dict[str, Any], newest: int | None, ask: Ask) -> AsyncIterator[Nodes]:
    """Give the nodes of each page, up to the *newest*: a list that grows comes to its end."""
    page = first[root]
    while True:
        nodes, place = page["nodes"], page["pageInfo"]
        if newest is not None and nodes and nodes[-1]["databaseId"] >= newest:
            yield [node for node in nodes if node["databaseId"] <= newest]
            return
        yield nodes
        if not place["hasNextPage"]:
            return
        page = (await ask(after=place["endCursor"]))[root]


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield
