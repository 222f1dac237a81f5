"""What all nouns have as GraphQL shows them: ids to be found by, and a way of being dressed from their model."""

from collections.abc import Callable
from typing import Any, TypeVar, get_type_hints

import strawberry

from chatgraph.schema.ids import global_id
from chatgraph.schema.scalars import BigInt

Make = TypeVar("Make", bound=Callable[[Any], Any])


@strawberry.interface(description="Something that can be found again by its id (Relay's Node).")
class Node:
    id: strawberry.ID = strawberry.field(description="Unique among all nodes; opaque.")
    database_id: BigInt = strawberry.field(description="The number that the REST API calls its id.")


def named(noun: str, database_id: int) -> dict[str, Any]:
    """Give the fields of `Node` for the *noun* with this id."""
    return {"id": global_id(noun, database_id), "database_id": database_id}


class Dress:
    """Makes the GraphQL type of a noun of `chatgraph.models`; the module of each type registers how."""

    def __init__(self) -> None:
        self.by_noun: dict[type, Callable[[Any], Any]] = {}

    def __call__(self, noun: Any) -> Any:
        return self.by_noun[type(noun)](noun)

    def register(self, make: Make) -> Make:
        """Make nouns of the type of its argument by a function. A decorator."""
        [kind] = [kind for name, kind in get_type_hints(make).items() if name != "return"]
        self.by_noun[kind] = make
        return make


dress = Dress()
