"""What an operator's commands do their work with: a visit that nobody made, beside a server that may be running."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from chatgraph.chat import Visit
from chatgraph.cli.options import read_settings
from chatgraph.models import Page, Window
from chatgraph.operations.work import Work
from chatgraph.parts import create_chat
from chatgraph.settings import Settings
from chatgraph.store.opening import database_at

Noun = TypeVar("Noun", bound=Any)


@asynccontextmanager
async def operating(database: str | None, *, makes: bool = False) -> AsyncIterator[Visit]:
    """
    Open the database beside a server that may be running on it: checkpoints are left to that server.

    Raises `ValueError` where there is no such file, unless it *makes* one.
    """
    settings = read_settings(database_url=database, rate_limits=False)
    if not makes:
        _require_one(settings)
    chat = create_chat(settings, alone=False)
    try:
        await chat.database.open()
        async with chat.visit() as visit:
            yield visit
    finally:
        await chat.close()


def _require_one(settings: Settings) -> None:
    kept = database_at(settings.database_url, alone=False)
    if not kept.shared and not Path(kept.name).is_file():
        raise ValueError(f"There is no database at {kept.name}.")


async def everything(
    visit: Visit, operation: Callable[[Work, Window], Awaitable[Page[Noun]]]
) -> AsyncIterator[Noun]:
    """Give all items of a list, page by page."""
    window = Window(100)
    while True:
        page = await visit.ask(operation, window)
        for item in page.items:
            yield item
        if not page.has_next:
            return
        window = window._replace(after=page.items[-1].id)


async def item(
    visit: Visit, operation: Callable[[Work, Window], Awaitable[Page[Noun]]], item_id: int
) -> Noun | None:
    """Give one item of a list that goes by id, oldest first; None if it isn't there."""
    page = await visit.ask(operation, Window(1, after=item_id - 1, before=item_id + 1))
    return page.items[0] if page.items else None
