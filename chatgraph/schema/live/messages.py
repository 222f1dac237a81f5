"""The messages of `graphql-transport-ws` as clients send them, and the codes that close the socket for a wrong one."""

from typing import Any

import orjson

LONGEST_ID = 500  # characters: each event says it
LONGEST_REASON = 123  # bytes that a close frame holds beside its code


class Closed(Exception):
    """Raised when the socket must be closed, with the protocol's *code* and a reason, cut to what fits."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(code, reason)
        self.code, self.reason = code, reason.encode()[:LONGEST_REASON].decode(errors="ignore")


def read_message(frame: Any) -> dict[str, Any]:
    """Read a frame as a message with a type. Raises `Closed`."""
    try:
        message = orjson.loads(frame.get("text") or frame.get("bytes") or b"")
    except orjson.JSONDecodeError:
        raise Closed(4400, "Invalid message: it is not JSON.") from None
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise Closed(4400, "Invalid message: it must be an object with a `type`.")
    return message


def read_id(message: dict[str, Any]) -> str:
    """Give the id of the operation that a message is about. Raises `Closed`."""
    if not isinstance(name := message.get("id"), str) or not 1 <= len(name) <= LONGEST_ID:
        raise Closed(4400, f"Invalid message: `id` must be a string of 1 to {LONGEST_ID} characters.")
    return name


def find_token(payload: dict[str, Any]) -> str | None:
    """Find the access token among what clients send with `connection_init`, with or without its scheme."""
    for key, value in payload.items():
        if key.lower() in {"authorization", "accesstoken", "token"} and isinstance(value, str):
            scheme, _, token = value.partition(" ")
            return token.strip() if scheme.lower() == "bearer" else value
    return None
