"""`create_app`: the only place where the parts are joined."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from secrets import token_hex

from argon2 import PasswordHasher
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

import rest_compat
from chatgraph import logs
from chatgraph.chat import Chat
from chatgraph.credentials.keys import KeyRing, load_or_create
from chatgraph.credentials.passwords import Passwords
from chatgraph.credentials.tokens import Tokens
from chatgraph.entrance import Entrance
from chatgraph.errors import Unavailable
from chatgraph.models import Registration
from chatgraph.operations.rates import Rates
from chatgraph.schema import endpoint
from chatgraph.schema.graph import Graph
from chatgraph.schema.live.telling import Live
from chatgraph.settings import Settings
from chatgraph.store.opening import database_at


def create_chat(settings: Settings, hasher: PasswordHasher | None = None, *, alone: bool = True) -> Chat:
    """
    Join the parts that operations work with; not *alone* where a server may be running on the same database.

    Without a secret key in the settings, one is made beside the database on first start. Raises `ValueError` for a
    database address or a key that is no good.
    """
    database = database_at(settings.database_url, settings.readers, alone=alone)
    if settings.secret_key is not None:
        secret = settings.secret_key.get_secret_value()
    elif database.key_file is not None:
        secret = load_or_create(database.key_file)
    elif not alone:
        secret = token_hex(32)  # an operator's commands give nobody a token
    else:
        raise ValueError(
            "Set CHATGRAPH_SECRET_KEY, 32 bytes or more and the same on every server of this database."
        )
    keys = KeyRing(secret, [key.get_secret_value() for key in settings.previous_secret_keys])
    return Chat(
        database,
        Passwords(hasher, workers=settings.password_workers),
        Tokens(keys),
        Rates(settings.rate_limits, settings.redis_url),
        Registration(settings.registration),
        timedelta(days=settings.journal_days) if settings.journal_days else None,
    )


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
