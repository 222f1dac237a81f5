"""HTTP statuses and headers for the codes of errors, at either door."""

from collections.abc import Mapping
from typing import Any

STATUSES = {
    "BAD_USER_INPUT": 400,
    "GRAPHQL_PARSE_FAILED": 400,
    "GRAPHQL_VALIDATION_FAILED": 400,
    "UNAUTHENTICATED": 401,
    "FORBIDDEN": 403,
    "NOT_FOUND": 404,
    "CONFLICT": 409,
    "RATE_LIMITED": 429,
    "INTERNAL_SERVER_ERROR": 500,
    "UNAVAILABLE": 503,
}


def headers_for(extensions: Mapping[str, Any]) -> dict[str, str]:
    """Give the headers that go with an error: who to be, when to come again, what not to keep."""
    headers: dict[str, str] = {}
    if extensions["code"] == "UNAUTHENTICATED":
        headers["WWW-Authenticate"] = 'Bearer realm="chatgraph"'
    if extensions["code"] == "PERSISTED_QUERY_NOT_FOUND":
        headers["Cache-Control"] = "no-store"
    if (retry_after := extensions.get("retryAfter")) is not None:
        headers["Retry-After"] = str(retry_after)
    if extensions["code"] == "RATE_LIMITED":
        rate, limit, window = extensions["rate"], extensions["limit"], extensions["window"]
        headers["RateLimit-Policy"] = f'"{rate}";q={limit};w={window}'
        headers["RateLimit"] = f'"{rate}";r=0;t={retry_after}'
    return headers
