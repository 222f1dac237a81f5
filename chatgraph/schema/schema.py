"""The schema: everything that `schema.graphql` prints."""

import strawberry
from graphql import GraphQLSchema, Undefined

from chatgraph.schema.mutations import Mutation
from chatgraph.schema.query import Query
from chatgraph.schema.scalars import CONFIG
from chatgraph.schema.subscription import Subscription
from chatgraph.schema.types import (
    AuditEntry,
    Ban,
    House,
    Invite,
    JoinRequest,
    Member,
    Room,
    Session,
    Talk,
    User,
)
from chatgraph.schema.types.events import EVENTS, Resync
from chatgraph.schema.types.whispers import VIEWER_EVENTS, NewTalks

SCHEMA = strawberry.Schema(
    Query,
    Mutation,
    Subscription,
    types=[
        AuditEntry,
        Ban,
        House,
        Invite,
        JoinRequest,
        Member,
        Room,
        Session,
        Talk,
        User,
        *EVENTS.values(),
        Resync,
        *VIEWER_EVENTS.values(),
        NewTalks,
    ],
    config=CONFIG,
)


def _forget_null_defaults(schema: GraphQLSchema) -> None:
    """Take `= null` off whatever may be left out: Python's default None does the same, and says nothing to a reader."""
    for named in schema.type_map.values():
        for field in getattr(named, "fields", {}).values():
            for value in [field, *getattr(field, "args", {}).values()]:
                if getattr(value, "default_value", Undefined) is None:
                    value.default_value = Undefined


_forget_null_defaults(SCHEMA._schema)


def print_schema() -> str:
    """Give the schema in its definition language, as `schema.graphql` holds it."""
    return SCHEMA.as_str() + "\n"
