"""Which names look alike: the skeleton of UTS #39, from Unicode's table of confusable characters."""

from functools import cache
from importlib.resources import files
from unicodedata import normalize

import orjson

_LEFT_TO_RIGHT_MARK = "\u200e"  # set around right-to-left characters in the table, for display only
_JOINERS = "\u200c\u200d"  # all that a username may hold of what can't be seen


def skeleton(text: str) -> str:
    """
    Give a form that is equal for texts which look alike (UTS #39, section 4), whatever their case.

    Every character becomes the prototype of its kind: а, α and ɑ become a, 0 becomes o, 1 becomes l, and m
    becomes rn. The result is for comparing only, never for showing.
    """
    before = None
    while text != before:  # a prototype may have a prototype of its own once its case is folded
        before, text = text, normalize("NFD", normalize("NFD", text).translate(_prototypes()).casefold())
    return text


@cache
def _prototypes() -> dict[int, str]:
    # The package keeps each line of Unicode's file, source → prototype, in both directions. A source has one
    # prototype only, so whatever has several homoglyphs is a prototype, and so is whatever is no single character.
    # Where two have only each other, either may stand for both: the first in Unicode does.
    table = files("confusable_homoglyphs").joinpath("confusables.json").read_bytes()
    homoglyphs: dict[str, list[str]] = {
        char: [other["c"] for other in others] for char, others in orjson.loads(table).items()
    }
    prototypes = {ord(joiner): "" for joiner in _JOINERS}
    for char, others in homoglyphs.items():
        source, prototype = char.replace(_LEFT_TO_RIGHT_MARK, ""), others[0].replace(_LEFT_TO_RIGHT_MARK, "")
        if len(others) > 1 or len(source) > 1:
            continue
        if len(homoglyphs[others[0]]) > 1 or len(prototype) > 1 or prototype < source:
            prototypes[ord(source)] = prototype
    return prototypes
