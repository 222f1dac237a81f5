"""DOOR: the documented `/api/v1` REST contract, over the GraphQL schema and nothing else."""

from starlette.routing import BaseRoute, Route

from chatgraph.chat import Chat
from chatgraph.schema.graph import Graph
from rest_compat import openapi
from rest_compat.calls import Call
from rest_compat.door import Answer, Door
from rest_compat.endpoints import ENDPOINTS

PATH = "/api/v1"


def routes(chat: Chat, graph: Graph) -> list[BaseRoute]:
    """Give what answers below `/api/v1`, also where there is nothing and by methods that nothing takes."""
    paths: dict[str, dict[str, Answer]] = {"openapi.json": {"GET": openapi.serve}}
    for endpoint in ENDPOINTS:
        paths.setdefault(endpoint.path, {})[endpoint.method] = Call(endpoint, chat, graph)
    nowhere = Door({})
    return [
        *(Route(f"{PATH}/{path}", Door(answers)) for path, answers in paths.items()),
        Route(PATH, nowhere),
        Route(PATH + "/{path:path}", nowhere),
    ]
