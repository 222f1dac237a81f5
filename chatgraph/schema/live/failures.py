"""Failures: what a client is told of an error that ended its operation."""

from typing import Any

from graphql import GraphQLError

from chatgraph.errors import ChatError
from chatgraph.schema.masking import tell


def tell_failure(error: Exception) -> dict[str, Any]:
    """Write an error as the client gets it. One that nobody foresaw is logged, and the client gets its id."""
    message = error.message if isinstance(error, ChatError) else str(error)
    return tell(GraphQLError(message, original_error=error))
