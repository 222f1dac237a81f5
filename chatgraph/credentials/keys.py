"""The keys that tokens are signed with."""

import contextlib
import hashlib
import os
import secrets
import tempfile
from collections.abc import Sequence
from pathlib import Path

SHORTEST_KEY = 32  # bytes: as long as the hash of HS256 (RFC 7518, 3.2)


class KeyRing:
    """
    The key that signs now, and *previous* ones whose signatures still count.

    To change the key, put the new one first and keep the old one as previous until its last token has expired.
    A key is found by its id, which is made from the key and tells nothing about it. Raises `ValueError` for a key
    shorter than 32 bytes.
    """

    def __init__(self, current: str | bytes, previous: Sequence[str | bytes] = ()) -> None:
        key = _checked(current)
        self.current: tuple[str, bytes] = (_key_id(key), key)
        self._keys = {_key_id(key): key for key in map(_checked, previous)} | dict([self.current])

    def find(self, kid: str) -> bytes | None:
        """Give the key with this id; None for an id that isn't in the ring."""
        return self._keys.get(kid)


def load_or_create(path: Path) -> str:
    """
    Give the key kept in the file at *path*, and make one first where there is none.

    Only its owner may read the file: a looser mode is tightened to 0600. Servers that start at the same moment
    agree on one key, and none reads half of it.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _create(path)
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
    return path.read_text().strip()


def _create(path: Path) -> None:
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # mode 0600, O_EXCL
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
            file.flush()
            os.fsync(descriptor)
        with contextlib.suppress(FileExistsError):  # another server was faster: its key it is
            os.link(draft, path)
    finally:
        os.unlink(draft)


def _checked(key: str | bytes) -> bytes:
    key = key.encode() if isinstance(key, str) else key
    if len(key) < SHORTEST_KEY:
        raise ValueError(
            f"A signing key has at least {SHORTEST_KEY} bytes; this one has {len(key)}. "
            'Make a good one with: python -c "import secrets; print(secrets.token_urlsafe(48))"'
        )
    return key


def _key_id(key: bytes) -> str:
    return hashlib.sha256(b"chatgraph key id\0" + key).hexdigest()[:16]
