"""Passwords: which ones are taken, and argon2id away from the event loop."""

import asyncio
import contextlib
import os
import secrets
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar
from unicodedata import normalize

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from chatgraph.errors import Invalid, Unavailable

SHORTEST, LONGEST = 8, 128  # characters
MOST_BYTES = 1024  # in UTF-8 and NFC, which makes three characters of a few

T = TypeVar("T")


class Passwords:
    """
    Hash and verify passwords with argon2id (RFC 9106) in *workers* threads.

    A hash takes tens of milliseconds and 64 MiB on purpose, so that guessing is dear. Only *workers* are computed
    at once, and at most *waiting* calls queue for them: memory stays bounded however many people sign in.
    Passwords are compared in NFC: the same letters typed on another keyboard are the same password (RFC 8265, 4.2).
    """

    def __init__(self, hasher: PasswordHasher | None = None, workers: int = 1, waiting: int = 32) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobodys_hash = self._hasher.hash(secrets.token_bytes(32))
        self._places = threading.BoundedSemaphore(workers + waiting)
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="passwords", initializer=_step_aside)

    async def hash(self, password: str) -> str:
        """
        Give the hash to store, with its salt and parameters in it.

        `check_password` has accepted *password* before. Raises `Unavailable` when too many calls wait already.
        """
        return await self._in_pool(self._hasher.hash, _bytes(password))

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """
        Tell whether *password* is the one behind *password_hash*.

        None stands for somebody unknown: the answer is False, and it costs as much as a wrong password, so that
        time doesn't tell which names exist. So does a password longer than any that is taken, whose bytes are
        not looked at; a damaged hash is a mismatch. Raises `Unavailable` when too many calls wait already.
        """
        if password_hash is None or not _may_be_one(password):
            await self._in_pool(self._matches, self._nobodys_hash, b"")
            return False
        return await self._in_pool(self._matches, password_hash, _bytes(password))

    def is_outdated(self, password_hash: str) -> bool:
        """Tell whether a hash that has just been verified was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(password_hash)

    def close(self) -> None:
        """Take no more calls; those already accepted are finished."""
        self._pool.shutdown(wait=False)

    def _matches(self, password_hash: str, password: bytes) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, ValueError):  # ValueError: not an argon2 hash at all
            return False

    async def _in_pool(self, work: Callable[..., T], *args: object) -> T:
        if not self._places.acquire(blocking=False):
            raise Unavailable(
                "Too many people are signing in right now. Try again in a second.", retry_after=1
            )
        job = self._pool.submit(work, *args)
        # A caller who gives up cancels the job: the place is free at once, or when a hash that is being computed is done.
        job.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(job)


def check_password(password: str, username: str) -> None:
    """
    Accept a new password: 8 to 128 characters, at most 1024 bytes, not a common one, not the username.

    No classes of characters are asked for (NIST SP 800-63B, 3.1.1.2). Raises `Invalid`.
    """
    if len(password) < SHORTEST:
        raise Invalid(
            f"A password has at least {SHORTEST} characters; this one has {len(password)}.", "password"
        )
    if len(password) > LONGEST:
        raise Invalid(
            f"A password has at most {LONGEST} characters; this one has {len(password)}.", "password"
        )
    if "\0" in password or any("\ud800" <= char <= "\udfff" for char in password):
        raise Invalid("A password is text: it can't hold NUL or half of a surrogate pair.", "password")
    if len(_bytes(password)) > MOST_BYTES:
        raise Invalid(f"A password has at most {MOST_BYTES} bytes in UTF-8.", "password")
    if password.casefold() == username.casefold():
        raise Invalid(
            "The username can't be the password. A few unrelated words make a good one.", "password"
        )
    if password.casefold() in _common_passwords():
        raise Invalid(
            "This is one of the most common passwords. A few unrelated words make a good one.", "password"
        )


@cache
def _common_passwords() -> frozenset[str]:
    # Loaded at the first registration: 30 000 leaked passwords, the 11 600 of them that are long enough.
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(word.casefold() for word in FREQUENCY_LISTS["passwords"] if len(word) >= SHORTEST)


def _may_be_one(password: str) -> bool:
    return len(password) <= LONGEST and len(_bytes(password)) <= MOST_BYTES


def _bytes(password: str) -> bytes:
    return normalize("NFC", password).encode("utf-8", "surrogatepass")


def _step_aside() -> None:
    # On Linux a thread has its own niceness: whoever only reads isn't slowed down by those who sign in.
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)
