"""GraphiQL for browsers, served whole from the package: nothing is fetched from outside, no script is inline."""

import hashlib
import json
import re
import secrets
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

HERE = Path(__file__).parent
OURS = ("boot.js", "page.css", "favicon.svg")
MEDIA_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
}
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self' 'nonce-{nonce}'",
    "img-src": "'self' data:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as browsers get it; *version* is its SHA-256 checksum in hexadecimal."""

    body: bytes
    media_type: str
    version: str


def page(endpoint: str = "/graphql") -> Response:
    """
    Give the page that explores *endpoint*, a path of the same origin.

    Its Content-Security-Policy allows no inline script; the nonce, new on each call, is for the one stylesheet
    that GraphiQL makes while a dialog is open.
    """
    nonce = secrets.token_urlsafe(16)
    values = {name: _url(endpoint, name) for name in _assets()} | {"endpoint": endpoint, "nonce": nonce}
    html = re.sub(r"\{\{(.+?)\}\}", lambda hole: escape(values[hole[1]]), _template())
    policy = "; ".join(f"{directive} {sources}" for directive, sources in POLICY.items())
    return HTMLResponse(
        html,
        headers={
            "Content-Security-Policy": policy.format(nonce=nonce),
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-cache",
            "Vary": "Accept",
        },
    )


def routes(path: str = "/graphql") -> list[BaseRoute]:
    """
    Give the routes of the files that `page` names, under *path*`/assets`.

    The addresses on the page carry the version, so that browsers keep a file for a year and never an old one.
    """
    return [Route(f"{path}/assets/{{name}}", _serve, methods=["GET"])]


async def _serve(request: Request) -> Response:
    asset = _assets().get(request.path_params["name"])
    if asset is None:
        raise HTTPException(404)
    named = request.query_params.get("v") == asset.version
    headers = {
        "ETag": f'"{asset.version}"',
        "Cache-Control": "public, max-age=31536000, immutable" if named else "no-cache",
    }
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    headers["Content-Length"] = str(len(asset.body))
    body = b"" if request.method == "HEAD" else asset.body
    return Response(body, headers=headers, media_type=asset.media_type)


def _url(endpoint: str, name: str) -> str:
    return f"{endpoint}/assets/{name}?v={_assets()[name].version}"


@cache
def _template() -> str:
    return (HERE / "page.html").read_text("utf-8")


@cache
def _assets() -> dict[str, Asset]:
    vendored = [entry["name"] for entry in json.loads((HERE / "assets/VENDORED.json").read_bytes())]
    files = [HERE / name for name in OURS] + [HERE / "assets" / name for name in [*vendored, "LICENSES.txt"]]
    return {file.name: _read(file) for file in files}


def _read(file: Path) -> Asset:
    body = file.read_bytes()
    return Asset(body, MEDIA_TYPES[file.suffix], hashlib.sha256(body).hexdigest())
