"""Who acts: the seven of the table, and those that things are done to."""

from tests.permissions.table import ACTORS

# How the actors are called, and what they are in both worlds.
NAMES = {
    "AN": "",
    "NM": "nomember",
    "ME": "member",
    "MO": "moderator",
    "OW": "owner",
    "BA": "banned",
    "DE": "deactivated",
}

# Those that things are done to: another member and another moderator, both muted; two who asked to be let in; one
# who is banned, and one who has nothing to do with either house.
OTHERS = ("mel", "mia", "asker", "bo", "far")

PEOPLE = (*ACTORS[1:], *OTHERS)

RANKS = {"ME": 10, "mel": 10, "MO": 50, "mia": 50, "OW": 100}

MEMBERS = ("ME", "MO", "OW", "DE", "mel", "mia")


def is_lower(person: str, actor: str) -> bool:
    """Tell whether somebody has a lower rank than the actor; who is no member has none."""
    return RANKS.get(person, 0) < RANKS.get(actor, 0)
