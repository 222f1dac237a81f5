"""Which pages may open a socket: those of this server, and of the origins that CORS allows too."""

from collections.abc import Collection, Mapping
from urllib.parse import urlsplit


def may_connect(headers: Mapping[str, str], origins: Collection[str]) -> bool:
    """Tell whether a handshake comes from an allowed page, or from no page at all."""
    origin = headers.get("origin")
    if origin is None or "*" in origins or origin in origins:
        return True
    try:
        return urlsplit(origin).netloc.lower() == headers.get("host", "").lower()
    except ValueError:
        return False
