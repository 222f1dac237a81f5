"""DOOR: the documented `/api/v1` REST contract, over the GraphQL schema and nothing else."""

from starlette.routing import BaseRoute, Route

from chatgraph.chat import Chat
from chatgraph.schema.graph import Graph
from rest_compat.door import Door

PATH = "/api/v1"


def routes(chat: Chat, graph: Graph) -> list[BaseRoute]:
    """Give what answers below `/api/v1`, also where there is nothing and by methods that nothing takes."""
    door = Door(chat, graph)
    return [Route(PATH, door), Route(PATH + "/{path:path}", door)]
