"""Edges: what others point to, and the lists that hang on them, found for all objects of a level of the response at once."""

from operator import attrgetter
from typing import Any

import strawberry
from strawberry import Parent

from chatgraph.errors import Invalid
from chatgraph.executor import batched_by
from chatgraph.schema.context import Info
from chatgraph.schema.loaders import Part
from chatgraph.schema.pages import After, Before, First, Last, read_window, show_page


def edge(noun: str, key: str, description: str, **metadata: Any) -> Any:
    """
    Make the field that leads to a *noun*, whose id each object holds at the attribute *key*.

    Each noun is loaded once, however many point to it. *metadata* says more of the field to the executor.
    """
    read = attrgetter(key)

    async def find(source: Parent[Any], info: Info) -> Any:
        return await getattr(info.context.load, noun).load(read(source))

    async def find_all(sources: list[Any], info: Info) -> list[Any]:
        ids = [read(source) for source in sources]
        found = await getattr(info.context.load, noun).at_once(ids)
        return [found[one] for one in ids]

    told = batched_by(find_all) | metadata
    return strawberry.field(resolver=find, description=description, metadata=told)


def listing(name: str, scope: str, description: str, *, key: str = "id", **metadata: Any) -> Any:
    """
    Make the field that gives a page of the list *name* of each object, in which an item stands at its *key*.

    Its cursors are those of *scope*. *metadata* says more of the field to the executor.
    """

    async def find(
        source: Parent[Any],
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Any:
        where = f"{scope}/{source.id}"
        window = read_window(where, first, after, last, before)
        return show_page(await getattr(info.context.load, name).load(Part(source.id, window)), where, key)

    async def find_all(sources: list[Any], info: Info, **asked: Any) -> list[Any]:
        parts = [_part(source.id, f"{scope}/{source.id}", **asked) for source in sources]
        found = await getattr(info.context.load, name).at_once(one for one in parts if isinstance(one, Part))
        pages = [found[one] if isinstance(one, Part) else one for one in parts]
        return [
            page if isinstance(page, Exception) else show_page(page, f"{scope}/{source.id}", key)
            for source, page in zip(sources, pages, strict=True)
        ]

    told = batched_by(find_all) | metadata
    return strawberry.field(resolver=find, description=description, metadata=told)


def _part(
    parent_id: int,
    scope: str,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Part | Invalid:
    try:
        return Part(parent_id, read_window(scope, first, after, last, before))
    except Invalid as error:
        return error
