"""What a client is told of an error. What nobody foresaw is logged once, with an id, and the client gets that id."""

import re
import uuid
from typing import Any

import structlog
from graphql import GraphQLError
from graphql.language import ValueNode, VariableDefinitionNode, VariableNode

from chatgraph.errors import ChatError

log = structlog.get_logger()

LONGEST = 1000  # characters of a message: graphql-core repeats in it what was sent
# How its messages end in a value that was sent, which may be a password.
VALUE = re.compile(r"(\?)?[,;]? [Ff]ound: .*|(?<= value)(?<!invalid value): .*", re.DOTALL)
# Where they say which of the fields of an input is wrong.
FIELD = re.compile(r"invalid value at (?:\S*\.)?(\w+)[^.\w]*: |(?:required|unknown) field '(\w+)'")


def tell(error: GraphQLError) -> dict[str, Any]:
    """Write an error as the client gets it: with `extensions.code`, and without anything from inside."""
    cause = error.original_error
    message = error.message if isinstance(cause, ChatError) else _without_values(error.message)
    told: dict[str, Any] = {"message": message if len(message) <= LONGEST else message[:LONGEST] + " …"}
    if error.locations:
        told["locations"] = [location.formatted for location in error.locations]
    if error.path is not None:
        told["path"] = list(error.path)
    if isinstance(cause, ChatError):
        told["extensions"] = cause.extensions
    elif error.extensions and "code" in error.extensions:
        told["extensions"] = dict(error.extensions)
    elif _is_of_what_was_sent(error):
        told["extensions"] = {"code": "BAD_USER_INPUT", "field": _field(error)}
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


def _without_values(message: str) -> str:
    """Leave out the values that graphql-core repeats, and what is Python's in its words."""
    told = VALUE.sub(lambda found: found[1] or ".", message)
    return told.replace(" not to be None", " not to be null")


def _field(error: GraphQLError) -> str | None:
    """Name the field of an input that is no good, or the variable whose value is."""
    if found := FIELD.findall(error.message):
        return next(filter(None, found[-1]))
    node = error.nodes[0] if error.nodes else None
    if isinstance(node, VariableDefinitionNode):
        node = node.variable
    return node.name.value if isinstance(node, VariableNode) else None
