"""DOOR: the documented `/api/v1` REST contract, over the GraphQL schema and nothing else."""

from starlette.routing import BaseRoute

from chatgraph.chat import Chat
from chatgraph.schema.graph import Graph


def routes(chat: Chat, graph: Graph) -> list[BaseRoute]:
    """Give what answers below `/api/v1`."""
    return []
