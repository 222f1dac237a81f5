"""The body of a request, bounded in size and time, at either door."""

import re

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope

from chatgraph.deadlines import within

BYTES = 256 * 1024
SECONDS = 30
_LENGTH = re.compile(rb"[0-9]{1,15}")


async def read_body(scope: Scope, receive: Receive, most: int = BYTES, seconds: float = SECONDS) -> bytes:
    """
    Read a body whole: of so many bytes at most, sent within so many seconds.

    Raises Starlette's `HTTPException` (413, 408), which the doors tell in their own form, and `ClientDisconnect`.
    """
    declared = scope["fields"].get(b"content-length", b"0")
    if not _LENGTH.fullmatch(declared) or int(declared) > most:
        raise _too_large(most)
    try:
        return await within(seconds, _read(receive, most))
    except TimeoutError:
        late = f"The body must be sent within {seconds:g} s."
        raise HTTPException(408, late, {"Connection": "close"}) from None


async def _read(receive: Receive, most: int) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > most:
            raise _too_large(most)
        if not message.get("more_body", False):
            return bytes(body)


def _too_large(most: int) -> HTTPException:
    return HTTPException(413, f"The body must be at most {most} bytes.", {"Connection": "close"})
