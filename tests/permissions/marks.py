"""Every text and id of the two houses is unmistakable, and it is noted who may know it: that is how leaks are found."""

import base64
import binascii
import re
from typing import NamedTuple

# To whom something is known: to who knows that the house is there, who reads in it, who keeps order, and to nobody.
NAME, READERS, MODERATORS, NOBODY = "name", "readers", "moderators", "nobody"

READS, DECIDES = frozenset({NAME, READERS}), frozenset({NAME, READERS, MODERATORS})

# Who knows what. Who isn't named knows nothing.
KNOWLEDGE = {
    "public": {
        "NM": READS, "ME": READS, "MO": DECIDES, "OW": DECIDES, "BA": frozenset({NAME}),
    },
    "private": {"ME": READS, "MO": DECIDES, "OW": DECIDES},
}  # fmt: skip

_NUMBER = re.compile(r"(?<!\d)\d{7}(?!\d)")
_STRING = re.compile(r'"([A-Za-z0-9+/]{8,64}={0,2})"')


class Mark(NamedTuple):
    """A text or an id of a *world*, and who may know it: a class of people, and in any case who made it."""

    world: str
    what: str
    known_to: str
    own: str | None = None


class Marks:
    """All marks: by text, and by number."""

    def __init__(self) -> None:
        self.texts: dict[str, Mark] = {}
        self.numbers: dict[int, Mark] = {}

    def text(self, world: str, what: str, known_to: str, own: str | None = None) -> str:
        """Make a text that stands nowhere else."""
        text = f"«{world}: {what}»"
        self.texts[text] = Mark(world, what, known_to, own)
        return text

    def number(self, number: int, world: str, what: str, known_to: str, own: str | None = None) -> None:
        """Note the id of a thing."""
        self.numbers[number] = Mark(world, what, known_to, own)

    def unknown(self, body: str, actor: str, also_reads: str | None = None) -> list[str]:
        """
        Name what *body* shows that the actor may not know, also inside of ids and cursors.

        *also_reads* is the world into which the call itself let them look.
        """
        known = {world: KNOWLEDGE[world].get(actor, frozenset()) for world in KNOWLEDGE}
        if also_reads is not None:
            known[also_reads] |= READS
        numbers = set(_NUMBER.findall(" ".join([body, *_decoded(body)])))
        shown = [mark for text, mark in self.texts.items() if text in body]
        shown += [mark for number in numbers if (mark := self.numbers.get(int(number)))]
        return sorted(
            f"{mark.world} {mark.what}"
            for mark in shown
            if mark.own != actor and mark.known_to not in known.get(mark.world, frozenset())
        )


def _decoded(body: str) -> list[str]:
    """Give what stands in the global ids and cursors of a body."""
    plain = []
    for text in _STRING.findall(body):
        try:
            plain.append(base64.b64decode(text, validate=True).decode("ascii"))
        except (binascii.Error, ValueError):
            continue
    return plain
