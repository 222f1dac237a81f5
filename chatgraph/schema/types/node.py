"""What all nouns have as GraphQL shows them: ids to be found by, and a way of being dressed from their model."""

from functools import singledispatch
from typing import Any

import strawberry

from chatgraph.schema.ids import global_id
from chatgraph.schema.scalars import BigInt


@strawberry.interface(description="Something that can be found again by its id (Relay's Node).")
class Node:
    id: strawberry.ID = strawberry.field(description="Unique among all nodes; opaque.")
    database_id: BigInt = strawberry.field(description="The number that the REST API calls its id.")


def named(noun: str, database_id: int) -> dict[str, Any]:
    """Give the fields of `Node` for the *noun* with this id."""
    return {"id": global_id(noun, database_id), "database_id": database_id}


@singledispatch
def dress(noun: Any) -> Any:
    """Make the GraphQL type of a noun of `chatgraph.models`; the module of each type registers how."""
    raise TypeError(f"No GraphQL type is made from a {type(noun).__name__}.")
