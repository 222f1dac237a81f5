"""Who is asking."""

from datetime import datetime
from typing import NamedTuple

from chatgraph.errors import Unauthenticated

SESSION_ENDED = "The session has ended; sign in again."


class Viewer(NamedTuple):
    """
    One caller for the length of one request.

    *user_id* is None for somebody who isn't signed in. *refusal* says why a credential that was sent was not
    accepted: such a caller may still sign in or refresh, and is told the reason wherever a name is needed.
    *expire_time* is when the credential stops being good (UTC). *address* is what rates are counted by; None leaves the caller uncounted (loopback).
    """

    user_id: int | None = None
    session_id: int | None = None
    address: str | None = None
    agent: str = ""
    refusal: str | None = None
    expire_time: datetime | None = None

    def known(self) -> int:
        """Give the id of the user who is asking. Raises `Unauthenticated` for anybody else."""
        if self.user_id is not None:
            return self.user_id
        raise Unauthenticated(self.refusal) if self.refusal else Unauthenticated()


ANONYMOUS = Viewer()
