"""What goes wrong, as problem JSON (RFC 9457): always with `code`, for bad input with the `field` as REST names it."""

import uuid
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from starlette.exceptions import HTTPException

from chatgraph.errors import ChatError
from chatgraph.schema.replies import Reply
from chatgraph.schema.statuses import STATUSES, headers_for
from rest_compat.reading import Parameter

MEDIA_TYPE = "application/problem+json"
# HTTP's own refusals have the codes that `/graphql` gives them.
CODES = {404: "NOT_FOUND"}

log = structlog.get_logger()


class Refused(Exception):
    """Raised when the schema answers with an error: *extensions* tell which; *detail* is in the words of REST."""

    def __init__(self, error: Mapping[str, Any], takes: Sequence[Parameter]) -> None:
        detail, extensions = error["message"], dict(error["extensions"])
        for name, word, _ in takes:
            detail = detail.replace(f"`{word}`", f"`{name}`")
            if extensions.get("field") == word:
                extensions["field"] = name
        super().__init__(detail)
        self.detail, self.extensions = detail, extensions

    @property
    def is_defect(self) -> bool:
        """Tell whether it is an error that nobody foresaw."""
        return self.extensions["code"] == "INTERNAL_SERVER_ERROR"


def tell(error: Exception) -> Reply:
    """Write what a client is told of an error. One that nobody foresaw is logged, and the client gets its id."""
    match error:
        case HTTPException():
            extensions = {"code": CODES.get(error.status_code, "BAD_USER_INPUT")}
            return _write(error.status_code, error.detail, extensions, error.headers or {})
        case ChatError():
            detail, extensions = error.message, error.extensions
        case Refused():
            detail, extensions = error.detail, error.extensions
        case _:
            incident = uuid.uuid4().hex
            log.error("unexpected error", incident=incident, exc_info=error)
            detail = f"Something went wrong on the server; it is logged as {incident}."
            extensions = {"code": "INTERNAL_SERVER_ERROR"}
    return _write(STATUSES[extensions["code"]], detail, extensions, headers_for(extensions))


def _write(status: int, detail: str, extensions: Mapping[str, Any], headers: Mapping[str, str]) -> Reply:
    told = {name: extensions[name] for name in ("code", "field") if extensions.get(name) is not None}
    title = HTTPStatus(status).phrase
    problem = {"type": "about:blank", "title": title, "status": status, "detail": detail, **told}
    return Reply(orjson.dumps(problem), MEDIA_TYPE, status, {"Cache-Control": "no-store", **headers})
