"""The OpenAPI document of the contract: written by hand in `openapi.yaml`, served as JSON."""

from functools import cache
from pathlib import Path
from typing import Any

import orjson
import yaml
from starlette.types import Receive, Scope

from chatgraph.schema.replies import Reply

FILE = Path(__file__).parent / "openapi.yaml"


@cache
def document() -> dict[str, Any]:
    """Read the document."""
    return yaml.safe_load(FILE.read_text("utf-8"))


@cache
def _written() -> bytes:
    return orjson.dumps(document())


async def serve(_scope: Scope, _receive: Receive) -> Reply:
    """Answer with the document; anybody may read it."""
    return Reply(_written(), "application/json", headers={"Cache-Control": "public, max-age=300"})
