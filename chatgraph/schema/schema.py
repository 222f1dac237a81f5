"""The schema: everything that `schema.graphql` prints."""

import strawberry
from graphql import GraphQLError
from strawberry.extensions import SchemaExtension
from strawberry.types import ExecutionContext

from chatgraph.schema.mutations import Mutation
from chatgraph.schema.query import Query
from chatgraph.schema.scalars import CONFIG
from chatgraph.schema.types import House, Member, Room, Session, Talk, User


class Prepared(SchemaExtension):
    """Takes the document that was parsed and validated before (`schema.documents`), instead of doing it again."""

    def on_parse(self):
        self.execution_context.graphql_document = self.execution_context.context.document
        yield

    def on_validate(self):
        self.execution_context.pre_execution_errors = []
        yield


class Schema(strawberry.Schema):
    """A Strawberry schema that leaves the telling of errors to `schema.masking`, which logs the unexpected ones alone."""

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        pass


SCHEMA = Schema(
    Query,
    Mutation,
    types=[User, Session, House, Member, Room, Talk],
    config=CONFIG,
    extensions=[Prepared],
)


def print_schema() -> str:
    """Give the schema in its definition language, as `schema.graphql` holds it."""
    return SCHEMA.as_str() + "\n"
