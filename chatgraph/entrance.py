"""What every request passes before a door answers it, and what every answer passes on its way out."""

import ipaddress
import random
import re
from collections.abc import Collection
from functools import lru_cache

import structlog
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, Router
from starlette.types import Message, Receive, Scope, Send

from chatgraph.chat import Chat
from chatgraph.logs import REQUEST_ID
from chatgraph.viewer import Viewer

NOT_SNIFFED = (b"x-content-type-options", b"nosniff")
# What pages of other origins may read of an answer, beside what any may.
EXPOSED = ["Allow", "WWW-Authenticate", "Retry-After", "RateLimit", "RateLimit-Policy", "X-Request-Id"]
NOT_BEARER = "The header must read `Authorization: Bearer <access token>`."
_REQUEST_ID = re.compile(rb"[\w.-]{1,64}")

log = structlog.get_logger()


class Entrance:
    """
    Lets requests in: recognises who sends them, gives them an id, and finds the door that they want.

    A door is an ASGI application. In its scope it finds the `viewer`, and in `fields` the headers by name, read once:
    the first of each. Pages of other *origins* may ask too (`*`: of all).
    """

    def __init__(self, router: Router, chat: Chat, origins: Collection[str] = ()) -> None:
        self._chat = chat
        self._router = ExceptionMiddleware(router)
        # What answers one path by whatever method needs no search among the routes.
        self._doors = {
            route.path: route.app
            for route in router.routes
            if isinstance(route, Route) and route.methods is None and not route.param_convertors
        }
        self._cross_origin = CORSMiddleware(
            self._answer,
            allow_origins=origins,
            allow_methods=["GET", "POST"],
            allow_headers=["*"],
            expose_headers=EXPOSED,
            max_age=3600,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self._router(scope, receive, send)
        fields: dict[bytes, bytes] = dict(reversed(scope["headers"]))
        scope["viewer"] = self._recognise(scope, fields)
        if scope["type"] == "websocket":
            scope["outlet"] = send  # as the server made it: what comes between may wrap it
            return await self._router(scope, receive, send)
        scope["fields"], scope["begun"] = fields, False
        request_id = _name(fields.get(b"x-request-id"))
        named = (b"x-request-id", request_id.encode())

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                scope["begun"] = True
                message["headers"] = [*message.get("headers", ()), named, NOT_SNIFFED]
            await send(message)

        # A request has a context of its own, which ends with it.
        REQUEST_ID.set(request_id)
        answer = self._cross_origin if b"origin" in fields else self._answer
        return await answer(scope, receive, send_named)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._doors.get(scope["path"], self._router)(scope, receive, send)
        except Exception as error:
            if scope["begun"]:
                raise  # the server logs it, and closes the connection within the answer
            incident = REQUEST_ID.get()
            log.error("unexpected error", incident=incident, exc_info=error)
            told = f"Something went wrong on the server; it is logged as {incident}.\n"
            await PlainTextResponse(told, 500)(scope, receive, send)

    def _recognise(self, scope: Scope, fields: dict[bytes, bytes]) -> Viewer:
        """Tell who sends a request or opens a socket: the bearer of its token, or nobody."""
        client, authorization = scope.get("client"), fields.get(b"authorization")
        address = None if client is None else _counted_as(client[0])
        agent = fields.get(b"user-agent", b"")[:255].decode("latin-1")
        token = None if authorization is None else _bearer(authorization.decode("latin-1"))
        if token == "":
            return Viewer(address=address, agent=agent, refusal=NOT_BEARER)
        return self._chat.recognise(token, address, agent)


def _name(brought: bytes | None) -> str:
    """Give the id that a request brings, if it is a sane one, or a new one."""
    if brought is not None and _REQUEST_ID.fullmatch(brought):
        return brought.decode()
    return f"{random.getrandbits(128):032x}"


def _bearer(authorization: str) -> str:
    """Give the token of an Authorization header, empty where it has none or is of another scheme than Bearer."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


@lru_cache(1024)
def _counted_as(address: str) -> str | None:
    """Give by what an address is counted: a home has a whole /64 of IPv6. None for this machine, which isn't."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv6Address):
        ip = ip.ipv4_mapped or ip
    if ip.is_loopback:
        return None
    return str(ip) if ip.version == 4 else str(ipaddress.ip_network((ip, 64), strict=False))
