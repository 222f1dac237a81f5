"""Questions as clients send them, by whatever transport: which parts they have, and of which kind."""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from chatgraph.schema.graph import Question

KINDS = {"query": str, "operationName": str, "variables": dict, "extensions": dict}


class BadRequest(Exception):
    """Raised when there is no document to execute in a request: *status* says what kind of wrong it is."""

    def __init__(
        self, status: int, message: str, field: str | None = None, headers: Mapping[str, str] = {}
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.headers = status, message, dict(headers)
        self.extensions = {"code": "BAD_USER_INPUT"} | ({"field": field} if field else {})


def read_question(given: Any, *, parameters: bool = False, body: bytes = b"") -> Question:
    """
    Read a question from a JSON object; among *parameters* of a URL, variables and extensions are JSON texts.

    The *body* is what the object was read from. Instead of its document, or beside it, there may be its hash (Apollo's
    automatic persisted queries).

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
    for name, kind in KINDS.items():
        value = given.get(name)
        if value is not None and value.__class__ is not kind:
            wanted = "a string" if kind is str else "a JSON object"
            raise BadRequest(400, f"`{name}` must be {wanted}.", name)
    query, extensions = given.get("query") or "", given.get("extensions")
    sha256 = (
        _read_hash(extensions["persistedQuery"], query)
        if extensions and "persistedQuery" in extensions
        else None
    )
    if not query and sha256 is None:
        raise BadRequest(400, "There is no `query`: send the GraphQL document in it.", "query")
    return Question(query, given.get("operationName") or None, given.get("variables"), sha256, body)


def _read_hash(persisted: Any, query: str) -> str:
    """Read by which hash the document is persisted, or is to be; of a document that comes with it, see that it is its own."""
    if not isinstance(persisted, dict) or not isinstance(sha256 := persisted.get("sha256Hash"), str):
        raise BadRequest(400, "`persistedQuery` must be an object with a `sha256Hash`.", "extensions")
    if persisted.get("version") != 1:
        raise BadRequest(400, "Of `persistedQuery`, version 1 alone is spoken.", "extensions")
    if query and hashlib.sha256(query.encode()).hexdigest() != sha256:
        raise BadRequest(
            400, "`sha256Hash` isn't the SHA-256 of `query` in small hexadecimal digits.", "extensions"
        )
    return sha256
