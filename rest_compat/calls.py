"""Calls: a line of the table with the schema that it asks, and how what that gives is written."""

from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Receive, Scope

from chatgraph.chat import Chat
from chatgraph.schema.graph import Answer, Graph, Question
from chatgraph.schema.replies import Reply
from chatgraph.viewer import Viewer
from rest_compat import lists, problems
from rest_compat.endpoints import Endpoint
from rest_compat.reading import read_members, read_parameters


class Call:
    """Answers one call of the contract. Its document is prepared once, when the server starts."""

    def __init__(self, endpoint: Endpoint, chat: Chat, graph: Graph) -> None:
        operation = graph.prepare(Question(endpoint.document))
        if isinstance(operation, Answer):
            raise ValueError(f"{endpoint.file.name} is not for this schema: {operation.errors}")
        self._endpoint, self._chat, self._graph, self._operation = endpoint, chat, graph, operation

    async def __call__(self, scope: Scope, receive: Receive) -> ASGIApp:
        endpoint, viewer = self._endpoint, scope["viewer"]
        await self._chat.rates.spend_query(viewer)
        if not endpoint.for_anyone:
            viewer.known()
        read = read_members if endpoint.method == "POST" else read_parameters
        variables = await read(scope, receive, endpoint.takes)
        data = await self._ask(viewer, variables)
        if not isinstance(endpoint.gives, lists.Listing):
            return _reply(endpoint.gives(data))
        if lists.is_whole(endpoint.gives, data):
            return _reply(lists.write_whole(endpoint.gives, data))
        request = Request(scope, receive)

        async def ask(**changed: Any) -> dict[str, Any]:
            if await request.is_disconnected():
                raise ClientDisconnect
            return await self._ask(viewer, {**variables, **changed})

        newest = await lists.find_newest(endpoint.gives, ask)
        return lists.Pages(lists.write(endpoint.gives, data, newest, ask), head=scope["method"] == "HEAD")

    async def _ask(self, viewer: Viewer, variables: dict[str, Any]) -> dict[str, Any]:
        """Ask the stored document in a visit of its own. Raises `Refused`."""
        async with self._chat.visit(viewer) as visit:
            answer = await self._graph.execute(visit, self._operation, variables)
        if answer.errors or answer.data is None:
            raise problems.Refused(answer.errors[0], self._endpoint.takes)
        return answer.data


def _reply(body: dict[str, Any]) -> Reply:
    return Reply(orjson.dumps(body), "application/json", headers={"Cache-Control": "no-store"})
