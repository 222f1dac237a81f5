"""What every request passes: an id for the logs, a bound on its body, and who sends it."""

import asyncio
import ipaddress
import re
import uuid
from functools import lru_cache

import structlog
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chatgraph.chat import Chat

BODY_BYTES = 256 * 1024
BODY_SECONDS = 30
NOT_SNIFFED = (b"x-content-type-options", b"nosniff")
_LENGTH = re.compile(r"[0-9]{1,15}", re.ASCII)
_REQUEST_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)


class RequestId:
    """Gives each request an id, its own if it brings a sane one: in the logs and in `X-Request-Id`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        brought = Headers(scope=scope).get("x-request-id", "")
        request_id = brought if _REQUEST_ID.fullmatch(brought) else uuid.uuid4().hex
        named = (b"x-request-id", request_id.encode())

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [*message.get("headers", ()), named]
                if not any(name == NOT_SNIFFED[0] for name, _ in headers):
                    headers.append(NOT_SNIFFED)
                message["headers"] = headers
            await send(message)

        # A request has a context of its own, which ends with it.
        structlog.contextvars.bind_contextvars(request_id=request_id)
        return await self.app(scope, receive, send_named)


class CrossOrigin(CORSMiddleware):
    """Lets pages of other origins ask; what no page of another origin sends passes it by, unless some are allowed."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        allows = self.allow_origins or self.allow_all_origins
        if scope["type"] == "http" and (allows or "origin" in Headers(scope=scope)):
            return await super().__call__(scope, receive, send)
        return await self.app(scope, receive, send)


class BodyGuard:
    """
    Bounds a body in size and time: whoever reads more than is allowed gets Starlette's `HTTPException`, 413 or 408.

    The doors catch it and answer in their own form.
    """

    def __init__(self, app: ASGIApp, most: int = BODY_BYTES, seconds: float = BODY_SECONDS) -> None:
        self.app = app
        self.most = most
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        declared = Headers(scope=scope).get("content-length", "0")
        too_large = HTTPException(
            413, f"The body must be at most {self.most} bytes.", {"Connection": "close"}
        )
        deadline: float | None = None
        size = 0
        complete = False

        async def receive_bounded() -> Message:
            nonlocal deadline, size, complete
            if complete:
                return await receive()
            if not _LENGTH.fullmatch(declared) or int(declared) > self.most:
                raise too_large
            deadline = deadline or asyncio.get_running_loop().time() + self.seconds
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                late = f"The body must be sent within {self.seconds:g} s."
                raise HTTPException(408, late, {"Connection": "close"}) from None
            size += len(message.get("body", b""))
            if size > self.most:
                raise too_large
            complete = not message.get("more_body", False)
            return message

        return await self.app(scope, receive_bounded, send)


class Recognition:
    """Puts into `scope["viewer"]` who sends a request or opens a socket: the bearer of its token, or nobody."""

    def __init__(self, app: ASGIApp, chat: Chat) -> None:
        self.app = app
        self.chat = chat

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            headers = Headers(scope=scope)
            scope["outlet"] = send  # as the server made it: what comes between may wrap it
            address = scope["client"][0] if scope.get("client") else None
            scope["viewer"] = self.chat.recognise(
                _bearer(headers.get("authorization")),
                None if address is None or _is_loopback(address) else address,
                headers.get("user-agent", "")[:255],
            )
        return await self.app(scope, receive, send)


def _bearer(authorization: str | None) -> str | None:
    """Give the token of an Authorization header; of another scheme than Bearer, one that is never valid."""
    if authorization is None:
        return None
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


@lru_cache(1024)
def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
