"""What all nouns have as GraphQL shows them: ids to be found by."""

from typing import Any

import strawberry

from chatgraph.errors import Forbidden, NotFound
from chatgraph.executor import batched_by, lasting
from chatgraph.schema.context import Info
from chatgraph.schema.ids import global_id, global_ids
from chatgraph.schema.scalars import BigInt


def _id(noun: strawberry.Parent[Any]) -> strawberry.ID:
    return strawberry.ID(global_id(type(noun).__name__, noun.id))


def _ids(nouns: list[Any], _: Info) -> list[str]:
    return global_ids(type(nouns[0]).__name__, [noun.id for noun in nouns])


@strawberry.interface(description="Something that can be found again by its id (Relay's Node).")
class Node:
    """
    The fields of all types that show a noun of `chatgraph.models`, whose class has the type's name.

    Such a type is never made: its fields read the noun. Which noun it shows, it says in `is_type_of`.
    """

    global_id: strawberry.ID = strawberry.field(
        resolver=_id,
        name="id",
        description="Unique among all nodes; opaque.",
        metadata=batched_by(_ids) | lasting(),
    )
    id: BigInt = strawberry.field(name="databaseId", description="The number that the REST API calls its id.")


def show(noun: Any) -> Any:
    """Give a noun where the type that shows it is wanted."""
    return noun


async def find(info: Info, noun: str, key: int) -> Any:
    """Give what something is told of, or None where it is gone by now, out of sight, or no node."""
    load = info.context.load.by_name(noun)
    try:
        return None if load is None else await load.load(key)
    except (NotFound, Forbidden):
        return None
