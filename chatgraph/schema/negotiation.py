"""Media types: what a client sends, and which of ours it would rather have (RFC 9110, sections 8.3 and 12.5.1)."""

from collections.abc import Mapping, Sequence
from email.message import Message
from functools import lru_cache

from starlette.exceptions import HTTPException

GRAPHQL_JSON = "application/graphql-response+json"


def require_json(fields: Mapping[bytes, bytes]) -> None:
    """Raises Starlette's `HTTPException`, 415, for a body that isn't JSON in UTF-8 as it is."""
    if not _is_json(fields.get(b"content-type", b"").decode("latin-1")):
        raise HTTPException(
            415, "Send the body as application/json in UTF-8.", {"Accept-Post": "application/json"}
        )
    if fields.get(b"content-encoding", b"identity").lower() != b"identity":
        plain = {"Accept-Encoding": "identity"}
        raise HTTPException(415, "Send the body as it is, without a content encoding.", plain)


# Clients say the same thing again and again: what it means is worked out once. No longer text is kept.
LONGEST_KEPT = 512


def choose(accept: str | None, offered: tuple[str, ...]) -> str | None:
    """Choose what is offered first among what is welcome most; None where nothing is."""
    return (_choose if len(accept or "") <= LONGEST_KEPT else _choose.__wrapped__)(accept, offered)


@lru_cache(256)
def _choose(accept: str | None, offered: Sequence[str]) -> str | None:
    ranges = [_range(part) for part in (accept or "*/*").split(",") if part.strip()]
    best, most = None, 0.0
    for media_type in offered:
        welcome = _quality(media_type, ranges)
        if welcome > most:
            best, most = media_type, welcome
    return best


def _is_json(content_type: str) -> bool:
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


def _split(header: str, parameter: str) -> tuple[str, str | None]:
    message = Message()
    message["content-type"] = header
    value = message.get_param(parameter)
    return message.get_content_type() if "/" in header else "", value if isinstance(value, str) else None
