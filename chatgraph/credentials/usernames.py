"""Usernames: one form for each name, in any script."""

from typing import NamedTuple
from unicodedata import category, name, normalize

from precis_i18n import get_profile

from chatgraph.credentials.confusables import skeleton
from chatgraph.errors import Invalid

LONGEST = 32  # characters, in the form that is kept
MOST_WRITTEN = 4 * LONGEST  # decomposed and halfwidth letters take up to three; longer texts aren't looked at

_PROFILE = get_profile("UsernameCaseMapped")


class Username(NamedTuple):
    """
    A username as it is kept, compared and first shown.

    *name* is unique and in lower case: Ben, BEN and ｂｅｎ are all ben. Two users' *skeleton* may not be equal
    either, since their names look alike. *written* is what the user typed, for the first display name.
    """

    name: str
    skeleton: str
    written: str


def read_username(text: str) -> Username:
    """
    Read a username: 1 to 32 characters of any script, as UsernameCaseMapped of PRECIS takes them (RFC 8265).

    Raises `Invalid`.
    """
    if not text:
        raise _invalid("A username has at least one character.")
    if len(text) > MOST_WRITTEN:
        raise _invalid(f"A username has at most {LONGEST} characters.")
    try:
        kept = _PROFILE.enforce(text)
    except UnicodeEncodeError as refusal:
        raise _invalid(_explain(refusal)) from None
    if len(kept) > LONGEST:
        raise _invalid(f"A username has at most {LONGEST} characters; this one has {len(kept)}.")
    if category(kept[0]).startswith("M"):
        raise _invalid("A username starts with a letter, digit or sign, not with a mark that belongs on one.")
    return Username(kept, skeleton(kept), normalize("NFC", text))


def _explain(refusal: UnicodeEncodeError) -> str:
    refused = refusal.object[refusal.start : refusal.end]
    if refusal.reason.endswith("/bidi_rule"):
        return "A username is written in one direction: it can't mix letters of both like this."
    if len(refused) > 1:
        return "A username is made of letters, digits and ASCII punctuation, in their usual order."
    if category(refused) == "Zs":
        return "A username has no spaces. Write it as one word, or with - or _ between words."
    character = f"U+{ord(refused):04X} {name(refused, '')}".strip()
    return f"A username is made of letters, digits and ASCII punctuation: {character} can't be in it."


def _invalid(message: str) -> Invalid:
    return Invalid(message, "username")
