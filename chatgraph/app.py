"""`create_app`: joins the parts and the doors into one application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from argon2 import PasswordHasher
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

import rest_compat
from chatgraph import logs
from chatgraph.chat import Chat
from chatgraph.entrance import Entrance
from chatgraph.errors import Unavailable
from chatgraph.parts import create_chat
from chatgraph.schema import endpoint
from chatgraph.schema.graph import Graph
from chatgraph.schema.live.telling import Live
from chatgraph.settings import Settings


def create_app(settings: Settings, hasher: PasswordHasher | None = None) -> Starlette:
    """Join everything into one ASGI application. Raises `ValueError` for settings that are no good."""
    logs.configure(settings.log_format)
    chat = create_chat(settings, hasher)
    graph = Graph(settings.introspection, settings.compiled_execution)
    live = Live(chat, graph)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        try:
            await chat.open()
            yield
        finally:
            await chat.close()

    app = Starlette(
        routes=[
            *endpoint.routes(live, settings.allowed_origins),
            *rest_compat.routes(chat, graph),
            *([Route("/", _home)] if settings.introspection else []),
            Route("/healthz", _alive),
            Route("/readyz", _ready),
        ],
        lifespan=lifespan,
    )
    # Instead of Starlette's own stack of middleware.
    app.middleware_stack = Entrance(app.router, chat, settings.allowed_origins)
    app.state.chat = chat
    app.state.live = live
    return app


async def _home(_: Request) -> Response:
    """Lead who opens the server's address to GraphiQL."""
    return RedirectResponse("graphql")


async def _alive(_: Request) -> Response:
    return PlainTextResponse("alive\n")


async def _ready(request: Request) -> Response:
    """Tell whether queries can be answered: the database can be read, and this server knows its tables."""
    chat: Chat = request.app.state.chat
    try:
        await chat.check()
    except Unavailable as error:
        return PlainTextResponse(f"{error.message}\n", 503, {"Retry-After": str(error.retry_after)})
    return PlainTextResponse("ready\n")
