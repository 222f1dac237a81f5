"""Invite codes: short enough to be handed around, too many to be guessed."""

import hashlib
import secrets


def new_code() -> str:
    """Draw a code: 144 random bits in 24 characters that need no escaping in a link."""
    return secrets.token_urlsafe(18)


def code_digest(code: str) -> bytes:
    """Give the 32 bytes under which a code is kept, whatever space is around it; random bits need no salt."""
    return hashlib.sha256(code.strip().encode("utf-8", "surrogatepass")).digest()
