"""GraphQL over HTTP (the GraphQL Foundation's specification): what `/graphql` takes and how it answers."""

from collections.abc import Collection, Mapping

import orjson
from graphql import OperationType
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from chatgraph.errors import ChatError
from chatgraph.schema import graphiql
from chatgraph.schema.bodies import read_body
from chatgraph.schema.documents import Ready
from chatgraph.schema.graph import NOT_PERSISTED, Answer, Question, WrongMethod
from chatgraph.schema.live.operations import Subscribed
from chatgraph.schema.live.origins import may_connect
from chatgraph.schema.live.socket import Socket
from chatgraph.schema.live.stream import EVENT_STREAM, Stream, Told
from chatgraph.schema.live.telling import Live
from chatgraph.schema.negotiation import GRAPHQL_JSON, choose, require_json
from chatgraph.schema.questions import BadRequest, read_question
from chatgraph.schema.replies import Reply
from chatgraph.schema.statuses import STATUSES, headers_for

PATH = "/graphql"
# The first is what is sent where both are as welcome: the specification wants application/json for `*/*`.
TYPES = ("application/json", GRAPHQL_JSON)


def routes(live: Live, origins: Collection[str] = ()) -> list[BaseRoute]:
    """Give what answers below `/graphql`; pages of other *origins* may open sockets there (`*`: of all)."""
    assets = graphiql.routes(PATH) if live.graph.introspection else []

    async def socket(websocket: WebSocket) -> None:
        if not may_connect(websocket.headers, origins):
            await websocket.close()
            return
        await Socket(live, websocket, websocket.scope["viewer"]).run()

    return [
        *assets,
        Route(PATH, Door(live), name="graphql"),
        WebSocketRoute(PATH, socket, name="graphql socket"),
    ]


class Door:
    """An ASGI application that answers questions, one a request, by whatever method they come."""

    def __init__(self, live: Live) -> None:
        self.live = live

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        accept = scope["fields"].get(b"accept")
        accept = None if accept is None else accept.decode("latin-1")
        explores = scope["method"] == "GET" and not scope["query_string"] and self.live.graph.introspection
        if explores and choose(accept, (*TYPES, "text/html")) == "text/html":
            answer = graphiql.page(PATH)
        else:
            media_type = choose(accept, TYPES)
            try:
                answer = await self._respond(scope, receive, accept, media_type)
            except ClientDisconnect:
                return
            except Exception as error:
                answer = _refuse(error, media_type)
        await answer(scope, receive, send)

    async def _respond(
        self, scope: Scope, receive: Receive, accept: str | None, media_type: str | None
    ) -> ASGIApp:
        chat, graph, viewer = self.live.chat, self.live.graph, scope["viewer"]
        streams = choose(accept, (EVENT_STREAM,)) is not None and (
            media_type or EVENT_STREAM in (accept or "")
        )
        if media_type is None and not streams:
            raise BadRequest(
                406, f"The answer is {GRAPHQL_JSON}, application/json or {EVENT_STREAM}; accept one of them."
            )
        asked = await self._read(scope, receive)
        await chat.rates.spend_query(viewer)
        operation = asked.operation if isinstance(asked, Ready) else graph.prepare(asked)
        if isinstance(operation, Answer):
            return _tell(operation, media_type)
        async with chat.visit(viewer) as visit:
            if streams and operation.kind is OperationType.SUBSCRIPTION and isinstance(asked, Question):
                answer = await self.live.begin(visit, asked)
            else:
                answer = await graph.execute(
                    visit,
                    operation,
                    asked.variables,
                    only_queries=scope["method"] == "GET",
                    written=True,
                )
        if isinstance(answer, Subscribed):
            return Stream(self.live, visit.viewer, answer)
        return _tell(answer, media_type)

    async def _read(self, scope: Scope, receive: Receive) -> Question | Ready:
        graph = self.live.graph
        if scope["method"] == "GET":
            return graph.recall(read_question({**QueryParams(scope["query_string"])}, parameters=True))
        if scope["method"] != "POST":
            raise BadRequest(
                405, "GraphQL is asked by POST, or by GET for queries.", headers={"Allow": "GET, POST"}
            )
        require_json(scope["fields"])
        body = await read_body(scope, receive)
        if (ready := graph.known(body)) is not None:
            return ready
        try:
            given = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise BadRequest(400, f"The body is not JSON: {error.msg}.") from None
        return graph.recall(read_question(given, body=body))


def _tell(answer: Answer, media_type: str | None) -> ASGIApp:
    if media_type is None:
        return Told(answer)
    return _write(answer, media_type)


def _write(answer: Answer, media_type: str | None) -> Reply:
    status, headers = 200, {}
    if failure := answer.failure:
        headers = headers_for(failure)
        if failure["code"] in {"UNAUTHENTICATED", "RATE_LIMITED", "UNAVAILABLE"}:
            status = STATUSES[failure["code"]]
        elif answer is not NOT_PERSISTED and answer.refused and media_type == GRAPHQL_JSON:
            status = 400
    return _reply(answer.body(), media_type, status, headers)


def _refuse(error: Exception, media_type: str | None) -> Reply:
    """Tell why there is nothing to execute; raises again what nobody foresaw."""
    match error:
        case ChatError():
            told = [{"message": error.message, "extensions": error.extensions}]
            return _write(Answer(None, told, refused=True), media_type)
        case WrongMethod():
            error = BadRequest(405, "GET may only read; send mutations by POST.", headers={"Allow": "POST"})
        case HTTPException():
            error = BadRequest(error.status_code, error.detail, headers=error.headers or {})
        case BadRequest():
            pass
        case _:
            raise error
    body = {"errors": [{"message": error.message, "extensions": error.extensions}]}
    return _reply(body, media_type, error.status, error.headers)


def _reply(body: object, media_type: str | None, status: int, headers: Mapping[str, str]) -> Reply:
    return Reply(orjson.dumps(body), media_type or "application/json", status, {**headers, "Vary": "Accept"})
