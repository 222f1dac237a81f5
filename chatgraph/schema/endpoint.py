"""GraphQL over HTTP (the GraphQL Foundation's specification): what `/graphql` takes and how it answers."""

from collections.abc import Collection

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from chatgraph.errors import ChatError
from chatgraph.schema import graphiql
from chatgraph.schema.graph import Answer, Question, WrongMethod
from chatgraph.schema.live.operations import Subscribed
from chatgraph.schema.live.origins import may_connect
from chatgraph.schema.live.socket import Socket
from chatgraph.schema.live.stream import EVENT_STREAM, Stream, Told
from chatgraph.schema.live.telling import Live
from chatgraph.schema.negotiation import GRAPHQL_JSON, choose, require_json
from chatgraph.schema.questions import BadRequest, read_question
from chatgraph.schema.statuses import STATUSES, headers_for

PATH = "/graphql"
# The first is what is sent where both are as welcome: the specification wants application/json for `*/*`.
TYPES = ("application/json", GRAPHQL_JSON)


def routes(live: Live, origins: Collection[str] = ()) -> list[BaseRoute]:
    """Give what answers below `/graphql`; pages of other *origins* may open sockets there (`*`: of all)."""
    graph = live.graph
    assets = graphiql.routes(PATH) if graph.introspection else []

    async def graphql(request: Request) -> Response:
        explores = request.method == "GET" and graph.introspection and not request.query_params
        if explores and choose(request.headers.get("accept"), (*TYPES, "text/html")) == "text/html":
            return graphiql.page(PATH)
        return await _respond(live, request)

    async def socket(websocket: WebSocket) -> None:
        if not may_connect(websocket.headers, origins):
            await websocket.close()
            return
        await Socket(live, websocket, websocket.scope["viewer"]).run()

    methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
    return [
        *assets,
        Route(PATH, graphql, methods=methods, name="graphql"),
        WebSocketRoute(PATH, socket, name="graphql socket"),
    ]


async def _respond(live: Live, request: Request) -> Response:
    chat, viewer, accept = live.chat, request.scope["viewer"], request.headers.get("accept")
    media_type = choose(accept, TYPES)
    streams = choose(accept, (EVENT_STREAM,)) is not None and (media_type or EVENT_STREAM in (accept or ""))
    try:
        if media_type is None and not streams:
            raise BadRequest(
                406, f"The answer is {GRAPHQL_JSON}, application/json or {EVENT_STREAM}; accept one of them."
            )
        question = await _read(request)
        await chat.rates.spend_query(viewer)
        async with chat.visit(viewer) as visit:
            if streams and live.graph.subscribes(question):
                answer = await live.begin(visit, question)
            else:
                answer = await live.graph.ask(visit, question, only_queries=request.method == "GET")
        if isinstance(answer, Subscribed):
            return Stream(live, visit.viewer, answer)
        if media_type is None:
            return Told(answer)
    except WrongMethod:
        error = BadRequest(405, "GET may only read; send mutations by POST.", headers={"Allow": "POST"})
        return _refuse(error, media_type)
    except ClientDisconnect:
        return Response(status_code=400)  # nobody is there to read it
    except BadRequest as error:
        return _refuse(error, media_type)
    except HTTPException as error:
        return _refuse(BadRequest(error.status_code, error.detail, headers=error.headers or {}), media_type)
    except ChatError as error:
        told = [{"message": error.message, "extensions": error.extensions}]
        return _write(Answer(None, told, refused=True), media_type)
    return _write(answer, media_type)


async def _read(request: Request) -> Question:
    if request.method == "GET":
        return read_question({**request.query_params}, parameters=True)
    if request.method != "POST":
        raise BadRequest(
            405, "GraphQL is asked by POST, or by GET for queries.", headers={"Allow": "GET, POST"}
        )
    require_json(request.headers)
    try:
        body = orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise BadRequest(400, f"The body is not JSON: {error.msg}.") from None
    return read_question(body)


def _write(answer: Answer, media_type: str | None) -> Response:
    status, headers = 200, {}
    if failure := answer.failure:
        headers = headers_for(failure)
        if failure["code"] in {"UNAUTHENTICATED", "RATE_LIMITED", "UNAVAILABLE"}:
            status = STATUSES[failure["code"]]
        elif answer.refused and media_type == GRAPHQL_JSON:
            status = 400
    headers = {**headers, "Vary": "Accept"}
    return Response(orjson.dumps(answer.body()), status, headers, media_type or "application/json")


def _refuse(error: BadRequest, media_type: str | None) -> Response:
    body = {"errors": [{"message": error.message, "extensions": error.extensions}]}
    headers = {**error.headers, "Vary": "Accept"}
    return Response(orjson.dumps(body), error.status, headers, media_type or "application/json")
