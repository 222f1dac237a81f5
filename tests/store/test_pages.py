"""A page is cut of the keys near its edges, and is the same as of all of them."""

from itertools import product

import pytest

from chatgraph.models import Page, Window
from chatgraph.store import houses, pages
from chatgraph.store.database import Database
from tests.store.test_plans import LOOK

KEYS = range(2, 40, 3)


def cut(keys: list[int], window: Window) -> Page[int]:
    """Cut a page out of keys, as a database does."""
    inside = [
        key for key in keys if (window.after or 0) < key < (99 if window.before is None else window.before)
    ]
    items = inside[-window.size :] if window.backwards else inside[: window.size]
    more = len(inside) > len(items)
    return Page(
        items,
        (more and window.backwards) or any(key <= (window.after or 0) for key in keys),
        (more and not window.backwards) or (window.before is not None and keys[-1] >= window.before),
    )


@pytest.mark.parametrize("backwards", [False, True])
def test_a_page_of_what_is_near_is_that_of_everything(
    monkeypatch: pytest.MonkeyPatch, backwards: bool
) -> None:
    monkeypatch.setattr(pages, "MOST_NEAR", 3)
    for after, before in product([None, 0, 1, 2, 11, 12, 38, 50], repeat=2):
        window = Window(2, after, before, backwards)
        some = pages.near(set(KEYS), window)
        assert len(some) < len(KEYS)
        assert cut(some, window) == cut([*KEYS], window), window


async def test_somebody_may_be_in_tens_of_thousands_of_houses(database: Database) -> None:
    async with database.reading() as db:
        page = await houses.page_of_some(db, LOOK, range(1, 50_000), Window(5, after=25_000))
    assert (page.items, page.has_previous, page.has_next) == ([], True, False)
