"""The OpenAPI document of the contract: written by hand in `openapi.yaml`, served as JSON."""

from functools import cache
from pathlib import Path
from typing import Any

import orjson
import yaml
from starlette.requests import Request
from starlette.responses import Response

FILE = Path(__file__).parent / "openapi.yaml"


@cache
def document() -> dict[str, Any]:
    """Read the document."""
    return yaml.safe_load(FILE.read_text("utf-8"))


async def serve(_: Request) -> Response:
    """Answer with the document; anybody may read it."""
    headers = {"Cache-Control": "public, max-age=300"}
    return Response(orjson.dumps(document()), headers=headers, media_type="application/json")
