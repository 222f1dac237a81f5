"""Media types: what a client sends, and which of ours it would rather have (RFC 9110, sections 8.3 and 12.5.1)."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from starlette.exceptions import HTTPException

GRAPHQL_JSON = "application/graphql-response+json"
# No client says more than a few hundred bytes; what is longer isn't read.
LONGEST_READ = 4096


def require_json(fields: Mapping[bytes, bytes]) -> None:
    """Raises Starlette's `HTTPException`, 415, for a body that isn't JSON in UTF-8 as it is."""
    content_type = fields.get(b"content-type", b"").decode("latin-1")
    if not _is_json(content_type):
        told = "Send the body as application/json in UTF-8."
        if len(content_type) > LONGEST_READ:
            told = f"A Content-Type is read up to {LONGEST_READ} bytes. {told}"
        raise HTTPException(415, told, {"Accept-Post": "application/json"})
    if fields.get(b"content-encoding", b"identity").lower() != b"identity":
        plain = {"Accept-Encoding": "identity"}
        raise HTTPException(415, "Send the body as it is, without a content encoding.", plain)


# Clients say the same thing again and again: what it means is worked out once. No longer text is kept.
LONGEST_KEPT = 512


def choose(accept: str | None, offered: tuple[str, ...]) -> str | None:
    """Choose what is offered first among what is welcome most; None where nothing is, or *accept* is too long."""
    if len(accept or "") > LONGEST_READ:
        return None
    return (_choose if len(accept or "") <= LONGEST_KEPT else _choose.__wrapped__)(accept, offered)


@lru_cache(256)
def _choose(accept: str | None, offered: Sequence[str]) -> str | None:
    ranges = [_range(part) for part in _BETWEEN_COMMAS.findall(accept or "*/*") if part.strip()]
    best, most = None, 0.0
    for media_type in offered:
        welcome = _quality(media_type, ranges)
        if welcome > most:
            best, most = media_type, welcome
    return best


def _is_json(content_type: str) -> bool:
    if len(content_type) > LONGEST_READ:
        return False
    known = _is_json_in_utf8 if len(content_type) <= LONGEST_KEPT else _is_json_in_utf8.__wrapped__
    return known(content_type)


@lru_cache(256)
def _is_json_in_utf8(content_type: str) -> bool:
    media_type, charset = _split(content_type, "charset")
    return media_type == "application/json" and (charset or "utf-8").lower() in {"utf-8", "utf8"}


def _quality(media_type: str, ranges: list[tuple[str, float]]) -> float:
    for wanted in (media_type, media_type.split("/")[0] + "/*", "*/*"):
        for pattern, quality in ranges:
            if pattern == wanted:
                return quality
    return 0.0


def _range(part: str) -> tuple[str, float]:
    media_type, quality = _split(part, "q")
    try:
        return media_type, float(quality) if quality else 1.0
    except ValueError:
        return media_type, 0.0


# What a quoted string has in it separates nothing; one that isn't closed goes on to the end, so nothing is read twice.
_QUOTED = r'"(?:[^"\\]|\\.?)*"?'
_BETWEEN_COMMAS = re.compile(rf'(?:[^",]|{_QUOTED})+', re.DOTALL)
_BETWEEN_SEMICOLONS = re.compile(rf'(?:[^";]|{_QUOTED})+', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def _split(header: str, parameter: str) -> tuple[str, str | None]:
    """Give a media type and one of its parameters; no parameter is named twice (RFC 9110, 5.6.6 and 8.3.1)."""
    media_type, _, rest = header.partition(";")
    for part in _BETWEEN_SEMICOLONS.findall(rest):
        name, _, value = part.partition("=")
        if name.strip().lower() == parameter:
            return media_type.strip().lower(), _unquote(value.strip())
    return media_type.strip().lower(), None


def _unquote(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] == '"':
        return _ESCAPED.sub(r"\1", value[1:-1])
    return value
