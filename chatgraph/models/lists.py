"""Which part of a list is wanted, and what is given of it."""

from collections.abc import Hashable, Sequence
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

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


class Notes(Protocol):
    """What was made of the items of a page, noted beside them by whoever made it, as long as they stay as they are."""

    def read(self, name: Hashable) -> list[Any | None]:
        """Give what is noted under a name of each item; None where nothing is."""
        ...

    def write(
        self, name: Hashable, places: Sequence[int], notes: Sequence[Any], weights: Sequence[int]
    ) -> None:
        """Note what was made of the items at these places; *weights* are the bytes of memory that each note takes."""
        ...


class Page(NamedTuple, Generic[Noun]):
    """
    A window's items in the list's order, and whether the list goes on before and after them.

    *notes* are kept of items that come up again and again.
    """

    items: list[Noun]
    has_previous: bool
    has_next: bool
    notes: Notes | None = None
