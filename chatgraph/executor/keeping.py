"""Kept fields: what a field came to is given again, as long as whoever keeps it says that it still holds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Protocol

from graphql import GraphQLObjectType

from chatgraph.executor.resolving import Attribute

if TYPE_CHECKING:
    from chatgraph.executor.fields import Field
    from chatgraph.executor.layers import Layer
    from chatgraph.executor.running import Run

KEEPER = "chatgraph.executor.keeper"
LASTS = "chatgraph.executor.lasts"
LASTS_IN_ITEMS = "chatgraph.executor.lasts_in_items"


class Place(Protocol):
    """Where one value is kept: the map or list that stands in the response, which nobody may change."""

    def find(self) -> Any | None:
        """Give what is kept and still holds; None where nothing is."""
        ...

    def keep(self, value: Any) -> None:
        """Keep what was worked out."""
        ...


# Gives the place of what a field comes to, or an awaitable of it; None where it isn't kept. It is called as
# `keeper(asked, source, info, **arguments)`: *asked* says which field of which operation it is, with which variables,
# and the rest is what its resolver would get. The keeper knows for which object it is, for whom, and what else it
# depends on.
Keeper = Callable[..., Place | Awaitable[Place | None] | None]


def kept_by(keeper: Keeper) -> dict[str, Any]:
    """
    Have a *keeper* keep what a field comes to, where all that is selected of it lasts; it goes into its metadata.

    A field lasts that is a plain attribute, or of which it was said by `lasting()`.
    """
    return {KEEPER: keeper}


def lasting(lasts: bool = True, *, in_items: bool = True) -> dict[str, Any]:
    """
    Say of a field that it is the same for whoever asks, as long as a keeper keeps it; or that it isn't.

    One that doesn't last *in items* may change while an item of a list that leads to it stays as it is.
    """
    return {LASTS: lasts, LASTS_IN_ITEMS: in_items}


class Keeping:
    """
    The *keeper* of a field; *name* stands for the field in what is asked of it.

    *most* is how many values it came to where these were most, or a few more: as many are counted where it is found.
    """

    __slots__ = ("keeper", "most", "name")

    def __init__(self, keeper: Keeper) -> None:
        self.keeper = keeper
        self.name = object()
        self.most = 0

    def place(self, run: Run, layer: Layer, field: Field) -> Place | Awaitable[Place | None] | None:
        """Give the place for the field of a layer's one object, or an awaitable of it; None where it isn't kept."""
        if len(layer.sources) != 1 or run.kept:
            return None  # what will be kept already has this in it
        asked = (self.name, *run.variables.coerced.items())
        try:
            hash(asked)
            arguments = field.resolving.arguments.of(run, layer)
        except Exception:
            return None  # the resolver will tell of it
        return self.keeper(asked, layer.sources[0], field.info(run, layer, 0), **arguments)


def find_kept(run: Run, layer: Layer, field: Field, keeping: Keeping, place: Place | None) -> bool:
    """Write what is kept of the field of a layer's one object. Gives whether there was any; else it will be kept."""
    if place is None:
        return False
    value = place.find()
    if value is None:
        before = run.values

        def keep() -> None:
            keeping.most = max(keeping.most, run.values - before)
            place.keep(layer.outs[0][field.key])

        run.kept.append(keep)
        return False
    layer.outs[0][field.key] = value
    run.values += keeping.most
    return True


def find_keeping(field: Field) -> Keeping | None:
    """Give who keeps a field; None where nobody does, or where something is selected of it that doesn't last."""
    keeper = said(field, KEEPER)
    if keeper is None or isinstance(field.resolving, Attribute) or not all_last(field, lasts):
        return None
    return Keeping(keeper)


def all_last(field: Field, lasts: Callable[[Field], bool]) -> bool:
    """Tell whether everything *lasts* that is selected of what a field leads to."""
    if field.leaf is not None:
        return True
    if not isinstance(field.named, GraphQLObjectType):
        return False
    return all(lasts(one) and all_last(one, lasts) for one in field.selection(field.named).fields)


def lasts(field: Field) -> bool:
    """Tell whether a field was said to last, or is a plain attribute."""
    return said(field, LASTS, isinstance(field.resolving, Attribute) or field.name == "__typename")


def said(field: Field, what: str, otherwise: Any = None) -> Any:
    """Give what a field's metadata says."""
    metadata = field.strawberry.metadata if field.strawberry else None
    return (metadata or {}).get(what, otherwise)
