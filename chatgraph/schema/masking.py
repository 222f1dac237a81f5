"""What a client is told of an error. What nobody foresaw is logged once, with an id, and the client gets that id."""

import uuid
from typing import Any

import structlog
from graphql import GraphQLError
from graphql.language import ValueNode, VariableDefinitionNode, VariableNode

from chatgraph.errors import ChatError

log = structlog.get_logger()

LONGEST = 1000  # characters of a message: graphql-core repeats in it what was sent


def tell(error: GraphQLError) -> dict[str, Any]:
    """Write an error as the client gets it: with `extensions.code`, and without anything from inside."""
    told: dict[str, Any] = {
        "message": error.message if len(error.message) <= LONGEST else error.message[:LONGEST] + " …"
    }
    if error.locations:
        told["locations"] = [location.formatted for location in error.locations]
    if error.path is not None:
        told["path"] = list(error.path)
    cause = error.original_error
    if isinstance(cause, ChatError):
        told["extensions"] = cause.extensions
    elif error.extensions and "code" in error.extensions:
        told["extensions"] = dict(error.extensions)
    elif _is_of_what_was_sent(error):
        told["extensions"] = {"code": "BAD_USER_INPUT", "field": _variable(error)}
    else:
        incident = uuid.uuid4().hex
        log.error("unexpected error", incident=incident, path=error.path, exc_info=cause or error)
        told["message"] = f"Something went wrong on the server; it is logged as {incident}."
        told["extensions"] = {"code": "INTERNAL_SERVER_ERROR", "id": incident}
    return told


def _is_of_what_was_sent(error: GraphQLError) -> bool:
    """Tell whether graphql-core refuses the request itself, or what is given as an argument of a field."""
    if error.original_error is not None and not isinstance(error.original_error, GraphQLError):
        return False
    return error.path is None or bool(error.nodes and isinstance(error.nodes[0], ValueNode))


def _variable(error: GraphQLError) -> str | None:
    """Name the variable whose value was no good."""
    node = error.nodes[0] if error.nodes else None
    if isinstance(node, VariableDefinitionNode):
        node = node.variable
    return node.name.value if isinstance(node, VariableNode) else None
