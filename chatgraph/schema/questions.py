"""Questions as clients send them, by whatever transport: which parts they have, and of which kind."""

from collections.abc import Mapping
from typing import Any

import orjson

from chatgraph.schema.graph import Question


class BadRequest(Exception):
    """Raised when there is no document to execute in a request: *status* says what kind of wrong it is."""

    def __init__(
        self, status: int, message: str, field: str | None = None, headers: Mapping[str, str] = {}
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.headers = status, message, dict(headers)
        self.extensions = {"code": "BAD_USER_INPUT"} | ({"field": field} if field else {})


def read_question(given: Any, *, parameters: bool = False) -> Question:
    """
    Read a question from a JSON object; among *parameters* of a URL, variables and extensions are JSON texts.

    Raises `BadRequest`.
    """
    if not isinstance(given, dict):
        raise BadRequest(400, 'This must be a JSON object such as {"query": "{ viewer { username } }"}.')
    if parameters:
        for name in ("variables", "extensions"):
            if name in given:
                try:
                    given[name] = orjson.loads(given[name])
                except orjson.JSONDecodeError as error:
                    raise BadRequest(400, f"`{name}` is not JSON: {error.msg}.", name) from None
    kinds = {"query": str, "operationName": str, "variables": dict, "extensions": dict}
    for name, kind in kinds.items():
        if given.get(name) is not None and not isinstance(given[name], kind):
            wanted = "a string" if kind is str else "a JSON object"
            raise BadRequest(400, f"`{name}` must be {wanted}.", name)
    if not given.get("query"):
        raise BadRequest(400, "There is no `query`: send the GraphQL document in it.", "query")
    return Question(given["query"], given.get("operationName") or None, given.get("variables"))
