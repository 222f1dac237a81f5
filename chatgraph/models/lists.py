"""Which part of a list is wanted, and what is given of it."""

from typing import Generic, NamedTuple, TypeVar

Noun = TypeVar("Noun")


class Window(NamedTuple):
    """
    Which part of a list is wanted, by key.

    The *size* items that follow *after* and precede *before* (keys, exclusive): the first of them, or when
    *backwards* the last of them, always in the list's own order.
    """

    size: int
    after: int | None = None
    before: int | None = None
    backwards: bool = False


class Page(NamedTuple, Generic[Noun]):
    """A window's items in the list's order, and whether the list goes on before and after them."""

    items: list[Noun]
    has_previous: bool
    has_next: bool
