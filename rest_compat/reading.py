"""What a request holds becomes variables, strictly: no type is made of another, nothing is taken twice."""

import json
import re
from collections.abc import Sequence
from typing import Any, NamedTuple, NoReturn

from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope

from chatgraph.errors import Invalid
from chatgraph.schema.bodies import read_body
from chatgraph.schema.ids import LARGEST, global_id
from chatgraph.schema.negotiation import require_json

_DIGITS = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
_KINDS = {type(None): "null", bool: "a boolean", int: "a number", float: "a number", str: "a string"}


class Parameter(NamedTuple):
    """
    One value that a call takes: *name* in REST and in the stored document's variables, *word* in the schema.

    With a *noun* it is the database id of one, which becomes its global id; without, a string.
    """

    name: str
    word: str
    noun: str | None = None


def text(name: str, word: str | None = None) -> Parameter:
    """Take a string."""
    return Parameter(name, word or name)


def id_of(noun: str, name: str, word: str) -> Parameter:
    """Take the database id of a *noun*."""
    return Parameter(name, word, noun)


async def read_members(scope: Scope, receive: Receive, takes: Sequence[Parameter]) -> dict[str, str]:
    """
    Read a JSON object that has all of the parameters; what else it has is ignored.

    Raises `Invalid` for a member, Starlette's `HTTPException` for the body as a whole (400, 408, 413, 415).
    """
    require_json(scope["fields"])
    given = _members(await read_body(scope, receive), takes)
    return {each.name: _member(given, each) for each in takes}


async def read_parameters(scope: Scope, receive: Receive, takes: Sequence[Parameter]) -> dict[str, str]:
    """Read those of the ids that the query string has. Raises `Invalid`; of a body that is too large, `HTTPException`."""
    await read_body(scope, receive)
    variables: dict[str, str] = {}
    parameters = QueryParams(scope["query_string"])
    for name, word, noun in takes:
        values = parameters.getlist(name)
        if len(values) > 1:
            raise Invalid(f"`{name}` must be given once; here it is {len(values)} times.", name)
        if values:
            digits = values[0] if _DIGITS.fullmatch(values[0]) else "0"
            variables[name] = _global_id(int(digits), name, noun or word)
    return variables


def _members(body: bytes, takes: Sequence[Parameter]) -> dict[str, Any]:
    """Give what an object has of what is taken; what it has besides may be anything that is JSON."""
    given = _read(body)
    if not isinstance(given, tuple):
        example = ", ".join(f'"{each.name}": ' + ("1" if each.noun else '"…"') for each in takes)
        raise HTTPException(400, f"The body must be a JSON object such as {{{example}}}.")
    names = {each.name for each in takes}
    members: dict[str, Any] = {}
    for name, value in given:
        if name in members:
            raise Invalid(f"`{name}` must be given once.", name)
        if name in names:
            members[name] = value
    return members


def _read(body: bytes) -> Any:
    """Read JSON (RFC 8259); an object becomes a tuple of its members, so that none hides another of its name."""
    try:
        return _JSON.decode(body.decode())
    except UnicodeDecodeError:
        raise HTTPException(400, "The body is not UTF-8.") from None
    except RecursionError:
        raise HTTPException(400, "The body is nested too deep.") from None
    except json.JSONDecodeError as error:
        raise HTTPException(400, f"The body is not JSON: {error}.") from None


def _integer(digits: str) -> int:
    """Read an integer; of one that is too large for an id it doesn't matter how large it is."""
    return int(digits) if len(digits) < 20 else LARGEST + 1


def _refuse(constant: str) -> NoReturn:
    raise HTTPException(400, f"The body is not JSON, which has no {constant}.")


_JSON = json.JSONDecoder(object_pairs_hook=tuple, parse_int=_integer, parse_constant=_refuse)


def _member(given: dict[str, Any], parameter: Parameter) -> str:
    name, _, noun = parameter
    kind = "a string" if noun is None else "an integer"
    if name not in given:
        raise Invalid(f"`{name}` is missing: it must be {kind}.", name)
    value = given[name]
    if noun is not None and type(value) is int:
        return _global_id(value, name, noun)
    if noun is None and isinstance(value, str):
        return _text(value, name)
    sent = _KINDS.get(type(value)) or ("a list" if isinstance(value, list) else "an object")
    raise Invalid(f"`{name}` must be {kind}; this is {sent}.", name)


def _text(value: str, name: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Invalid(f"`{name}` must be text: half of a surrogate pair is none.", name) from None
    return value


def _global_id(database_id: int, name: str, noun: str) -> str:
    if not 1 <= database_id <= LARGEST:
        raise Invalid(f"`{name}` must be an integer from 1 to {LARGEST}, in decimal digits.", name)
    return global_id(noun, database_id)
