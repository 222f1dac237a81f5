"""Kept items: what became of an item is given again in whichever list it comes up, as long as it is said to hold."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from graphql import GraphQLObjectType

from chatgraph.executor.keeping import LASTS_IN_ITEMS, all_last, lasts, said
from chatgraph.executor.layers import Layer
from chatgraph.executor.resolving import Attribute
from chatgraph.executor.writing import are_plain

if TYPE_CHECKING:
    from chatgraph.executor.fields import Field
    from chatgraph.executor.running import Run

KEEPER = "chatgraph.executor.items_keeper"


class Items(Protocol):
    """The items of one list, with what is kept of them: what stands for them in the response, which nobody may change."""

    def find(self, name: Hashable) -> list[Any | None]:
        """Give what is kept under a name of each item and still holds; None where nothing is."""
        ...

    def take(self, places: Sequence[int]) -> list[Any]:
        """Give the items at these places."""
        ...

    def keep(self, name: Hashable, places: Sequence[int], made: Sequence[Any]) -> None:
        """Keep what was made of the items at these places."""
        ...


# Gives the items that a list of an object has; None where they aren't kept. It is called as `keeper(source, info)`.
ItemsKeeper = Callable[[Any, Any], Items | None]


def items_kept_by(keeper: ItemsKeeper) -> dict[str, Any]:
    """
    Have a *keeper* keep what becomes of each item of a list, where all that is selected of it lasts in items.

    It goes into the metadata of a field that is a plain attribute. What takes arguments doesn't last in items.
    """
    return {KEEPER: keeper}


class KeepingItems(NamedTuple):
    """The *keeper* of a field's items; *name* stands for what is selected of them, so many *values* of each."""

    keeper: ItemsKeeper
    name: object
    values: int

    def column(self, run: Run, layer: Layer, field: Field) -> list[list[Any]] | None:
        """Give the list of a layer's one object, made of what is kept, and keep the rest; None where it isn't kept."""
        if len(layer.sources) != 1:
            return None
        items = self.keeper(layer.sources[0], field.info(run, layer, 0))
        if items is None:
            return None
        made = items.find(self.name)
        found = len(made)
        if None in made:
            missing = [place for place, one in enumerate(made) if one is None]
            sources = items.take(missing)
            kinds = set(map(type, sources))
            selection = field.runtimes.same_for_all(sources, kinds) if are_plain(run, kinds) else None
            if selection is None:
                return None
            child = Layer(selection, sources, layer, field, places=[(0, (place,)) for place in missing])
            run.execute_layer(child)
            for place, out in zip(missing, child.outs, strict=True):
                made[place] = out
            run.kept.append(lambda: items.keep(self.name, missing, child.outs))
            found -= len(missing)
        run.values += found * self.values
        return [made]


def find_keeping_items(field: Field) -> KeepingItems | None:
    """Give who keeps the items of a field; None where nobody does, or where something selected of them doesn't last."""
    keeper = said(field, KEEPER)
    if keeper is None or field.leaf or field.depth != 1 or not isinstance(field.resolving, Attribute):
        return None
    return KeepingItems(keeper, object(), _count(field)) if all_last(field, _lasts_in_items) else None


def _lasts_in_items(field: Field) -> bool:
    return (
        lasts(field) and said(field, LASTS_IN_ITEMS, True) and not any(one.arguments for one in field.nodes)
    )


def _count(field: Field) -> int:
    """Count the values of one object that a field leads to, lists within it as one each."""
    if not isinstance(field.named, GraphQLObjectType):
        return 0
    fields = field.selection(field.named).fields
    return len(fields) + sum(map(_count, fields))
