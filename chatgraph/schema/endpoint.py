"""GraphQL over HTTP (the GraphQL Foundation's specification): what `/graphql` takes and how it answers."""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from chatgraph.chat import Chat
from chatgraph.errors import ChatError
from chatgraph.schema import graphiql
from chatgraph.schema.graph import Answer, Graph, Question, WrongMethod
from chatgraph.schema.negotiation import GRAPHQL_JSON, choose, require_json
from chatgraph.schema.statuses import STATUSES, headers_for

PATH = "/graphql"
# The first is what is sent where both are as welcome: the specification wants application/json for `*/*`.
TYPES = ("application/json", GRAPHQL_JSON)


class BadRequest(Exception):
    """Raised when there is no document to execute in a request: *status* says what kind of wrong it is."""

    def __init__(
        self, status: int, message: str, field: str | None = None, headers: Mapping[str, str] = {}
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.headers = status, message, dict(headers)
        self.extensions = {"code": "BAD_USER_INPUT"} | ({"field": field} if field else {})


def routes(chat: Chat, graph: Graph) -> list[BaseRoute]:
    """Give what answers below `/graphql`."""
    assets = graphiql.routes(PATH) if graph.introspection else []

    async def graphql(request: Request) -> Response:
        explores = request.method == "GET" and graph.introspection and not request.query_params
        if explores and choose(request.headers.get("accept"), (*TYPES, "text/html")) == "text/html":
            return graphiql.page(PATH)
        return await _respond(chat, graph, request)

    methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
    return [*assets, Route(PATH, graphql, methods=methods, name="graphql")]


async def _respond(chat: Chat, graph: Graph, request: Request) -> Response:
    media_type = choose(request.headers.get("accept"), TYPES)
    try:
        if media_type is None:
            raise BadRequest(406, f"The answer is {GRAPHQL_JSON} or application/json; accept one of them.")
        question = await _read(request)
        await chat.rates.spend_query(request.scope["viewer"])
        async with chat.visit(request.scope["viewer"]) as visit:
            answer = await graph.ask(visit, question, only_queries=request.method == "GET")
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
        return _question({**request.query_params}, parameters=True)
    if request.method != "POST":
        raise BadRequest(
            405, "GraphQL is asked by POST, or by GET for queries.", headers={"Allow": "GET, POST"}
        )
    require_json(request.headers)
    try:
        body = orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise BadRequest(400, f"The body is not JSON: {error.msg}.") from None
    if not isinstance(body, dict):
        raise BadRequest(400, 'The body must be a JSON object such as {"query": "{ viewer { username } }"}.')
    return _question(body)


def _question(given: dict[str, Any], *, parameters: bool = False) -> Question:
    """Read a question; in the query string, *parameters*, variables and extensions are JSON texts."""
    if parameters:
        for name in ("variables", "extensions"):
            if name in given:
                try:
                    given[name] = orjson.loads(given[name])
                except orjson.JSONDecodeError as error:
                    raise BadRequest(400, f"`{name}` is not JSON: {error.msg}.", name) from None
    kinds = {"query": str, "operationName": str, "variables": dict, "extensions": dict}
    for name, kind in kinds.items():
        if given.get(name) is not None and not isinstance(given[name], kind):
            wanted = "a string" if kind is str else "a JSON object"
            raise BadRequest(400, f"`{name}` must be {wanted}.", name)
    if not given.get("query"):
        raise BadRequest(400, "There is no `query`: send the GraphQL document in it.", "query")
    return Question(given["query"], given.get("operationName") or None, given.get("variables"))


def _write(answer: Answer, media_type: str | None) -> Response:
    status, headers = 200, {}
    if failure := answer.failure:
        headers = headers_for(failure)
        if failure["code"] in {"UNAUTHENTICATED", "RATE_LIMITED", "UNAVAILABLE"}:
            status = STATUSES[failure["code"]]
        elif answer.refused and media_type == GRAPHQL_JSON:
            status = 400
    return Response(orjson.dumps(answer.body()), status, {**headers, "Vary": "Accept"}, media_type)


def _refuse(error: BadRequest, media_type: str | None) -> Response:
    body = {"errors": [{"message": error.message, "extensions": error.extensions}]}
    headers = {**error.headers, "Vary": "Accept"}
    return Response(orjson.dumps(body), error.status, headers, media_type or "application/json")
