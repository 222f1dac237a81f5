"""What an answer of `/graphql` tells."""

from typing import Any

import httpx

GRAPHQL_JSON = "application/graphql-response+json"


def first_error(response: httpx.Response) -> dict[str, Any]:
    """Give the extensions of the first error of an answer that must have one, in JSON, with a sentence."""
    assert response.headers["content-type"] in ("application/json", GRAPHQL_JSON)
    body = response.json()
    assert "data" not in body
    assert all(error["message"].strip() and "Traceback" not in error["message"] for error in body["errors"])
    return body["errors"][0]["extensions"]
