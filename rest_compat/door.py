"""The door itself: finds a call in the table, asks its document of the schema, and writes what that gives."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from chatgraph.chat import Chat
from chatgraph.schema.graph import Graph, Question
from rest_compat import lists, openapi, problems
from rest_compat.endpoints import ENDPOINTS, Endpoint
from rest_compat.reading import read_body, read_query

Handler = Callable[[Request], Awaitable[Response]]


class Door:
    """An ASGI application for everything below `/api/v1`: whatever is asked of it, the answer is JSON."""

    def __init__(self, chat: Chat, graph: Graph) -> None:
        self.chat = chat
        self.graph = graph
        self.paths: dict[str, dict[str, Handler]] = {"openapi.json": {"GET": openapi.serve}}
        for endpoint in ENDPOINTS:
            handlers = self.paths.setdefault(endpoint.path, {})
            handlers[endpoint.method] = partial(self._call, endpoint)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        with suppress(ClientDisconnect):
            response = await self._respond(request)
            response.headers.setdefault("Cache-Control", "no-store")
            await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        try:
            return await self._find(request)(request)
        except ClientDisconnect:
            raise
        except Exception as error:
            return problems.tell(error)

    def _find(self, request: Request) -> Handler:
        handlers = self.paths.get(request.path_params.get("path", ""))
        if handlers is None:
            raise HTTPException(404, "There is no such path; /api/v1/openapi.json tells which there are.")
        if found := handlers.get("GET" if request.method == "HEAD" else request.method):
            return found
        allowed = ", ".join(sorted([*handlers, "HEAD"] if "GET" in handlers else handlers))
        raise HTTPException(405, f"This path takes {allowed} and nothing else.", {"Allow": allowed})

    async def _call(self, endpoint: Endpoint, request: Request) -> Response:
        viewer = request.scope["viewer"]
        await self.chat.rates.spend_query(viewer)
        if not endpoint.for_anyone:
            viewer.known()
        read = read_body if endpoint.method == "POST" else read_query
        variables = await read(request, endpoint.takes)
        data = await self._ask(endpoint, viewer, variables)
        if not isinstance(endpoint.gives, lists.Listing):
            return Response(orjson.dumps(endpoint.gives(data)), media_type="application/json")

        async def ask(**changed: Any) -> dict[str, Any]:
            if await request.is_disconnected():
                raise ClientDisconnect
            return await self._ask(endpoint, viewer, {**variables, **changed})

        if request.method == "HEAD":
            response = Response(media_type="application/json")
            del response.headers["Content-Length"]
            return response
        return lists.Pages(lists.write(endpoint.gives, data, ask), media_type="application/json")

    async def _ask(self, endpoint: Endpoint, viewer: Any, variables: dict[str, Any]) -> dict[str, Any]:
        """Ask the stored document in a visit of its own. Raises `Refused`."""
        async with self.chat.visit(viewer) as visit:
            answer = await self.graph.ask(visit, Question(endpoint.document, None, variables))
        if answer.errors or answer.data is None:
            raise problems.Refused(answer.errors[0], endpoint.takes)
        return answer.data
