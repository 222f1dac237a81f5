"""What people may write: names in one line, topics, talks. Each check says what was wrong and what would be right."""

import unicodedata

from chatgraph.errors import Invalid

# Characters that reorder the text around them: in a name they make one look like another.
REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
BREAKING = frozenset({"Cc", "Cs", "Zl", "Zp"})


def one_line(text: str, field: str, most: int = 100) -> str:
    """Give a name or title of 1 to *most* characters without the space around it. Raises `Invalid`."""
    name = text.strip()
    if _blank(name):
        raise Invalid(f"`{field}` must not be empty.", field)
    return _short_enough(_clean(name, field, BREAKING), field, most)


def paragraph(text: str, field: str, most: int = 1024) -> str:
    """Give a topic or description of at most *most* characters; it may be empty and have lines. Raises `Invalid`."""
    return _short_enough(_clean(text, field, frozenset({"Cs"})), field, most)


def reason(text: str) -> str:
    """Give why a moderator did something, in at most 512 characters; it may be empty. Raises `Invalid`."""
    return paragraph(text, "reason", 512)


def talk(text: str, field: str = "content") -> str:
    """Give a talk's text as it was sent: 1 to 4000 characters (16 KiB hold any of them), not blank. Raises `Invalid`."""
    if _blank(text):
        raise Invalid(f"`{field}` must not be empty: a talk has 1 to 4000 characters.", field)
    return _short_enough(_clean(text, field, frozenset({"Cs"})), field, 4000)


def client_key(text: str, field: str = "clientKey") -> str:
    """Give a client's own name for what it posts: 1 to 64 characters. Raises `Invalid`."""
    if not text:
        raise Invalid(f"`{field}` must not be empty: leave it out, or send 1 to 64 characters.", field)
    return _short_enough(_clean(text, field, frozenset({"Cs"})), field, 64)


def _blank(text: str) -> bool:
    return all(character.isspace() or unicodedata.category(character) == "Cf" for character in text)


def _short_enough(text: str, field: str, most: int) -> str:
    if len(text) > most:
        raise Invalid(f"`{field}` must be at most {most} characters; this has {len(text)}.", field)
    return text


def _clean(text: str, field: str, refused: frozenset[str]) -> str:
    for character in text if not text.isascii() or not text.isprintable() else "":
        if character == "\0" or unicodedata.category(character) in refused:
            raise Invalid(f"`{field}` must not hold the character U+{ord(character):04X}.", field)
        if refused is BREAKING and character in REORDERING:
            raise Invalid(f"`{field}` must not hold U+{ord(character):04X}, which reorders text.", field)
    return text
