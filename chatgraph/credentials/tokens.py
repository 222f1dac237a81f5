"""Access tokens, which say who is asking, and refresh tokens, which are traded for new ones."""

import base64
import hashlib
import hmac
import re
import secrets
from datetime import UTC, datetime
from functools import lru_cache
from time import time
from typing import Any, NamedTuple

import jwt

from chatgraph.credentials.keys import KeyRing
from chatgraph.errors import Unauthenticated

LONGEST_ACCESS = 4096  # characters; ours have about 400
CLAIMS = ["iss", "aud", "sub", "sid", "jti", "typ", "exp", "iat"]
CLOCK_SKEW = 60  # seconds another machine's clock may be ahead of ours when it issues
PREFIX = "cgr_"  # lets secret scanners recognise a refresh token that leaked

_REFRESH = re.compile(r"cgr_[A-Za-z0-9_-]{43}")
_ID = re.compile(r"[1-9][0-9]{0,18}")
_LARGEST_ID = 2**63 - 1


class Access(NamedTuple):
    """What a valid access token says: who asks, in which session, and until when (UTC)."""

    user_id: int
    session_id: int
    expire_time: datetime


class Tokens:
    """
    Issue and read access tokens: JWTs (RFC 9068, read as RFC 8725 asks), signed with HS256 and a key of the ring.

    Also the chain of refresh tokens, since its links are made with the same keys.
    """

    def __init__(
        self, keys: KeyRing, access_seconds: int = 600, issuer: str = "chatgraph", audience: str = "chatgraph"
    ) -> None:
        self.access_seconds = access_seconds
        self._keys, self._issuer, self._audience = keys, issuer, audience
        try:
            self.issue_access(1, 1, datetime.now(UTC))
        except jwt.InvalidKeyError:
            raise ValueError(
                "The secret key must be random text, not a PEM or JWK of another algorithm."
            ) from None
        # What a valid token says never changes, only whether it is still time: its signature is checked once.
        self._read = lru_cache(maxsize=4096)(self._read_anew)

    def issue_access(self, user_id: int, session_id: int, now: datetime) -> str:
        """Make a token that is valid for `access_seconds` from *now*."""
        kid, key = self._keys.current
        issued = int(now.timestamp())
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": str(user_id),
            "sid": str(session_id),
            "jti": secrets.token_urlsafe(12),
            "typ": "access",
            "iat": issued,
            "exp": issued + self.access_seconds,
        }
        return jwt.encode(claims, key, algorithm="HS256", headers={"kid": kid, "typ": "at+jwt"})

    def read_access(self, token: str, now: datetime | None = None) -> Access:
        """
        Give what *token* says, for any string whatsoever.

        Raises `Unauthenticated`, which tells an expired token (refresh it) from one that is not valid (sign in).
        """
        seconds = time() if now is None else now.timestamp()
        try:
            access, issued, expires = self._read(token)
        except (jwt.PyJWTError, ValueError, OverflowError, OSError):  # the last two: of a time too far off
            raise Unauthenticated("The access token is not valid.") from None
        if issued > seconds + CLOCK_SKEW:
            raise Unauthenticated("The access token is not valid.")
        if expires <= seconds:
            raise Unauthenticated("The access token has expired.")
        return access

    def successor(self, refresh: str) -> str:
        """
        Give the refresh token that follows *refresh*: always the same one.

        It is derived, not drawn: a client whose answer was lost, and many that use one token at once, are all
        handed the same successor, so a family never branches. It changes when the current key does.
        """
        _, key = self._keys.current
        return _refresh(hmac.digest(key, b"refresh successor\0" + refresh.encode(), hashlib.sha256))

    def _read_anew(self, token: str) -> tuple[Access, int, int]:
        """Give what a token says, and when it was issued and expires, in seconds."""
        if len(token) > LONGEST_ACCESS:
            raise ValueError("too long to look at")
        header = jwt.get_unverified_header(token)
        # Only `kid` is followed, and only into the ring: jku, jwk, x5u and their like are never looked at.
        key = self._keys.find(header["kid"]) if "kid" in header else None
        if key is None or header.get("typ") != "at+jwt" or "crit" in header:
            raise ValueError("not a header of ours")
        claims = jwt.decode(
            token,
            key,
            algorithms=["HS256"],
            issuer=self._issuer,
            audience=self._audience,
            options={"require": CLAIMS, "strict_aud": True, "verify_exp": False, "verify_iat": False},
        )
        if claims["typ"] != "access":
            raise ValueError("not an access token")
        issued, expires = _seconds(claims["iat"]), _seconds(claims["exp"])
        access = Access(_id(claims["sub"]), _id(claims["sid"]), datetime.fromtimestamp(expires, UTC))
        return access, issued, expires


def new_refresh() -> str:
    """Draw the first refresh token of a family: opaque, 256 bits."""
    return _refresh(secrets.token_bytes(32))


def is_refresh(text: str) -> bool:
    """Tell whether *text* has the form of a refresh token; anything else needs no look into the store."""
    return _REFRESH.fullmatch(text) is not None


def digest(refresh: str) -> bytes:
    """Give the 32 bytes under which a refresh token is stored; 256 random bits need no salt and no argon2."""
    return hashlib.sha256(refresh.encode("utf-8", "surrogatepass")).digest()


def _refresh(secret: bytes) -> str:
    return PREFIX + base64.urlsafe_b64encode(secret).decode().rstrip("=")


def _id(claim: Any) -> int:
    if not isinstance(claim, str) or not _ID.fullmatch(claim) or int(claim) > _LARGEST_ID:
        raise ValueError("not an id")
    return int(claim)


def _seconds(claim: Any) -> int:
    if type(claim) is not int:  # bool is an int too
        raise ValueError("not a time")
    return claim
