"""What is called: a request over HTTP, what it must give, and the same request about what never was."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

from chatgraph.errors import Invalid
from chatgraph.schema.ids import global_id, split_id
from chatgraph.schema.statuses import STATUSES
from tests.cast import Actor
from tests.permissions.scene import NEVER, NEVER_CODE, Scene


@dataclass(frozen=True)
class Request:
    """One HTTP request; what is asked *about* stands in `about` alone, as variables, parameters or a body."""

    path: str
    about: dict[str, Any]
    query: str | None = None
    method: str = "POST"
    streams: bool = False

    async def send(self, actor: Actor) -> httpx.Response:
        """Send it as somebody."""
        if self.streams:
            return await self._open(actor)
        if self.query is not None:
            return await actor.post(self.query, self.about)
        given: Any = {"params": self.about} if self.method == "GET" else {"json": self.about}
        return await actor.rest(self.method, self.path, **given)

    async def _open(self, actor: Actor) -> httpx.Response:
        """Open a stream of events: that it opens is yes; what it is refused with is an answer like any other."""
        asked = {"query": self.query, "variables": self.about}
        headers = actor.headers | {"Accept": "text/event-stream"}
        async with actor.http.stream("POST", "/graphql", json=asked, headers=headers) as response:
            told = await anext(response.aiter_bytes())
        if told.startswith(b":"):
            return httpx.Response(200, json={"data": {"opened": {}}})
        body = told.split(b"data: ", 1)[1].split(b"\n", 1)[0]
        code = orjson.loads(body)["errors"][0]["extensions"]["code"]
        return httpx.Response(STATUSES["UNAUTHENTICATED"] if code == "UNAUTHENTICATED" else 200, content=body)


@dataclass(frozen=True)
class Listed:
    """The numbers that a list must hold: *exact*, nothing else; otherwise these are those of the world."""

    numbers: frozenset[int]
    exact: bool = True


@dataclass(frozen=True)
class Call:
    """
    A request and the simple code that it must give (one without `own` or `<`).

    *field* is what is looked at: the root field, and below it the way to the value. *lists* says of each value what it
    must hold, where they are lists. *set_up* is run on the database before; *opens* says that a yes lets the actor look into the house.
    """

    target: str
    expected: str
    request: Request
    field: tuple[str, ...] = ()
    lists: tuple[Listed, ...] = ()
    writes: bool = False
    set_up: str = ""
    opens: bool = False


def stream(query: str, **variables: Any) -> Request:
    """Ask the GraphQL endpoint for a stream of events."""
    return Request("/graphql", variables, query, streams=True)


def graph(query: str, **variables: Any) -> Request:
    """Ask the GraphQL endpoint."""
    return Request("/graphql", variables, query)


def expect(code: str, *, own: bool = False, lower: bool = False) -> str:
    """Give the simple code that a cell's *code* means for one target."""
    if code.startswith("own"):
        mine, others = {"own": "y-", "own0": "y0", "own~0": "~0"}[code]
        return mine if own else others
    if code == "<":
        return "y" if lower else "-"
    return code


def never(scene: Scene, request: Request) -> Request:
    """Give the same request about things of the same kinds that never were; users there are."""
    return Request(
        request.path, _replace(scene, request.about), request.query, request.method, request.streams
    )


def _replace(scene: Scene, given: Any) -> Any:
    if isinstance(given, Mapping):
        return {name: _replace(scene, value) for name, value in given.items()}
    if isinstance(given, list):
        return [_replace(scene, value) for value in given]
    if isinstance(given, int) and given in scene.marks.numbers:
        return NEVER
    if isinstance(given, str):
        if given in {world.code for world in scene.worlds.values()}:
            return NEVER_CODE
        try:
            kind, _ = split_id(given, "")
        except Invalid:
            return given
        return given if kind == "User" else global_id(kind, NEVER)
    return given
