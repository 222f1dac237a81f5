"""Where a write is made: the first thing that an operation is given says it by its name."""

from collections.abc import Callable, Sequence
from functools import cache
from inspect import signature
from typing import Any, TypeVar

from chatgraph.credentials.codes import code_digest
from chatgraph.credentials.usernames import read_username
from chatgraph.errors import Invalid
from chatgraph.store.places import At, Place
from chatgraph.viewer import Viewer

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def abreast(operation: Decorated) -> Decorated:
    """Say of an operation that it can be mixed with others of those, step by step: where it counts, the database does."""
    ABREAST.add(operation)
    return operation


def _as_it_is(given: Any) -> Any:
    return given


def _digest(code: str | None) -> bytes | None:
    return None if code is None else code_digest(code)


def _name(username: str) -> str | None:
    try:
        return read_username(username).name
    except Invalid:
        return None


ABREAST: set[Callable[..., Any]] = set()
PLACES: dict[str, tuple[At, Callable[[Any], Any]]] = {
    "house_id": (At.HOUSE, _as_it_is),
    "room_id": (At.ROOM, _as_it_is),
    "talk_id": (At.TALK, _as_it_is),
    "invite_id": (At.INVITE, _as_it_is),
    "code": (At.INVITE_DIGEST, _digest),
    "request_id": (At.JOIN_REQUEST, _as_it_is),
    "user_id": (At.USER, _as_it_is),
    "username": (At.USERNAME, _name),
    "sent": (At.TOKEN_DIGEST, _as_it_is),
}


@cache
def _named_first(operation: Callable[..., Any]) -> str:
    return [*signature(operation).parameters, ""][1]


def place_of(operation: Callable[..., Any], viewer: Viewer, given: Sequence[Any]) -> Place | None:
    """
    Give the place at which an operation of the viewer's writes what it is given; None, if it can be in nobody's way.

    What is done at no house's place is done at the viewer's own account.
    """
    found = PLACES.get(_named_first(operation))
    if found is not None and given:
        at, read = found
        if (key := read(given[0])) is not None:
            return Place(at, key, viewer.user_id, operation in ABREAST)
    return None if viewer.user_id is None else Place(At.USER, viewer.user_id)
