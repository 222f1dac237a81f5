"""Global ids and cursors: opaque to clients, strict when they come back."""

import binascii
import re
from collections.abc import Iterable
from functools import lru_cache

from chatgraph.errors import Invalid

LARGEST = 2**63 - 1
LONGEST = 100
_FORM = re.compile(r"(\w+(?:/[1-9]\d{0,18})?):([1-9]\d{0,18})", re.ASCII)


def global_id(noun: str, database_id: int) -> str:
    """Make the global id of a noun: unlike `databaseId`, unique among all nouns (Relay's Node identification)."""
    return binascii.b2a_base64(f"{noun}:{database_id}".encode(), newline=False).decode()


def global_ids(noun: str, database_ids: Iterable[int]) -> list[str]:
    """Make the global ids of many of a kind: the same as `global_id`, in half the time."""
    written = f"{noun}:%d".encode()
    return b"".join([binascii.b2a_base64(written % one) for one in database_ids]).decode().split()


def split_id(text: str, field: str) -> tuple[str, int]:
    """Read any noun's global id into its name and database id. Raises `Invalid`."""
    if read := _read(text):
        return read
    raise Invalid(f"`{field}` is not an id: send an `id` that this API gave, not a `databaseId`.", field)


def read_id(text: str, noun: str, field: str) -> int:
    """Read the global id of a *noun* into its database id. Raises `Invalid`."""
    read = _read(text)
    if read is None:
        raise Invalid(
            f"`{field}` is not an id: send the `id` of a {noun}, not a `databaseId` or a name.", field
        )
    named, database_id = read
    if named != noun:
        raise Invalid(f"`{field}` is the id of a {named}; send the id of a {noun}.", field)
    return database_id


def cursor(scope: str, key: int) -> str:
    """Make the cursor of an item: *scope* names the list, *key* the place in it."""
    return global_id(scope, key)


def read_cursor(text: str, scope: str, field: str) -> int:
    """Read a cursor of the list *scope* into its key. Raises `Invalid`."""
    read = _read(text)
    if read is None:
        raise Invalid(f"`{field}` is not a cursor: send a cursor that this list gave.", field)
    if read[0] != scope:
        raise Invalid(f"`{field}` is a cursor of another list; send one that this list gave.", field)
    return read[1]


def split_cursor(text: str, field: str) -> tuple[str, int]:
    """Read any list's cursor into the list's scope and the key. Raises `Invalid`."""
    if read := _read(text):
        return read
    raise Invalid(f"`{field}` is not a cursor: send a cursor that this API gave.", field)


def _read(text: str) -> tuple[str, int] | None:
    """Read an id or a cursor; the same ones come again and again. Longer ones than there are aren't kept."""
    return (_read_anew if len(text) > LONGEST else _read_kept)(text)


def _read_anew(text: str) -> tuple[str, int] | None:
    try:
        form = _FORM.fullmatch(binascii.a2b_base64(text).decode("ascii"))
    except ValueError:
        return None
    # What was decoded leniently must have been written as it is written here.
    if form is None or int(form[2]) > LARGEST or global_id(form[1], int(form[2])) != text:
        return None
    return form[1], int(form[2])


_read_kept = lru_cache(4096)(_read_anew)
