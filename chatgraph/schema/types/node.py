"""What all nouns have as GraphQL shows them: ids to be found by."""

from collections.abc import Sequence
from typing import Any

import strawberry

from chatgraph.executor import batched_by, lasting
from chatgraph.schema.ids import global_id
from chatgraph.schema.scalars import BigInt


def _ids(nouns: Sequence[Any], _: strawberry.Info) -> list[str]:
    kinds = set(map(type, nouns))
    if len(kinds) > 1:
        return [global_id(type(noun).__name__, noun.id) for noun in nouns]
    [name] = [kind.__name__ for kind in kinds]
    return [global_id(name, noun.id) for noun in nouns]


def _id(noun: strawberry.Parent[Any], info: strawberry.Info) -> strawberry.ID:
    return strawberry.ID(*_ids([noun], info))


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
