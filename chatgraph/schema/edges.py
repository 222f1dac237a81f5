"""Edges: the nouns that others point to, found for all objects of one level of the response at once."""

import asyncio
from operator import attrgetter
from typing import Any

from chatgraph.executor import batched_by
from chatgraph.schema.context import Info
from chatgraph.schema.types.node import dress


def edge(noun: str, key: str) -> dict[str, Any]:
    """
    Give the metadata of a field that leads to a *noun*, whose id each object holds at the attribute *key*.

    Its resolver says the same for one object. Here each noun is loaded and dressed once, however many point to it.
    """
    read = attrgetter(key)

    async def find(parents: list[Any], info: Info) -> list[Any]:
        ids = [read(parent) for parent in parents]
        load = getattr(info.context.load, noun).load
        distinct = list(dict.fromkeys(ids))
        found = await asyncio.gather(*map(load, distinct), return_exceptions=True)
        dressed = {
            one: given if isinstance(given, BaseException) else dress(given)
            for one, given in zip(distinct, found, strict=True)
        }
        return [dressed[one] for one in ids]

    return batched_by(find)
