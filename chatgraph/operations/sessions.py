"""Sessions: signing in and out, and what keeps somebody signed in between."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from chatgraph.credentials.tokens import digest, is_refresh, new_refresh
from chatgraph.errors import NotFound, Unauthenticated
from chatgraph.models import Page, Session, User, Window
from chatgraph.operations.accounts import Proof, check_login, end_sessions, still_proven
from chatgraph.operations.work import Steps, Work
from chatgraph.store import sessions

IDLE = timedelta(days=14)
LONGEST = timedelta(days=90)
# How long a refresh token may be sent again by a client that never got the answer.
GRACE = timedelta(seconds=10)
REFUSED = "The refresh token is not valid any more; sign in again."


class Pass(NamedTuple):
    """What a client is given to show who it is: *access_token* is good for *expires_in* seconds."""

    access_token: str
    refresh_token: str
    expires_in: int


async def login(steps: Steps, username: str, password: str) -> tuple[Pass, User]:
    """
    Sign in: open a session of 14 idle days, 90 in all.

    Raises `Unauthenticated` (the same for a wrong name and a wrong password), `Unavailable` (too many at once).
    """
    refresh_token = new_refresh()
    while True:
        proof = await check_login(steps, username, password)
        user = proof.account.user
        if session := await steps.perform(_open, user.id, proof, digest(refresh_token)):
            return _pass(steps, session, refresh_token), user


async def refresh(steps: Steps, refresh_token: str) -> Pass:
    """
    Exchange a refresh token for its successor and a new access token.

    One that was exchanged before ends the whole session: somebody else holds it. Only within 10 seconds, and while
    its successor hasn't been used, is it taken for a retry, which gives the same successor (RFC 9700, section 4.14).

    Raises `Unauthenticated`.
    """
    if not is_refresh(refresh_token):
        raise Unauthenticated(REFUSED)
    successor = steps.tokens.successor(refresh_token)
    digests = digest(refresh_token), digest(successor)
    session = await steps.perform(_rotate, *digests)
    if session is None:
        raise Unauthenticated(REFUSED)
    return _pass(steps, session, successor)


async def logout(steps: Steps, refresh_token: str) -> bool:
    """End the session that a refresh token belongs to. Gives whether there was one (RFC 7009: both are fine)."""
    return is_refresh(refresh_token) and await steps.perform(_end_by_token, digest(refresh_token))


async def logout_everywhere(work: Work) -> int:
    """End all of the viewer's sessions, this one too. Gives how many."""
    return await end_sessions(work, work.viewer.known())


async def revoke_session(work: Work, session_id: int) -> int:
    """End one of the viewer's own sessions and give its id. Raises `NotFound`."""
    if not await end_sessions(work, work.viewer.known(), only=session_id):
        raise NotFound("session")
    return session_id


async def list_sessions(work: Work, window: Window) -> Page[Session]:
    """List the viewer's own sessions that go on, newest first."""
    return await sessions.page(work.db, work.viewer.known(), work.now, window)


async def load_sessions(work: Work, session_ids: Collection[int]) -> dict[int, Session]:
    """Give those of the sessions that are the viewer's own and go on."""
    found = await sessions.find(work.db, work.viewer.known(), session_ids, work.now)
    return {session.id: session for session in found}


async def _open(work: Work, user_id: int, proof: Proof, token: bytes) -> Session | None:
    """Open a session for who has proven themselves; None where the password was replaced meanwhile."""
    if not await still_proven(work, proof):
        return None
    session = await sessions.open_session(work.db, user_id, work.viewer.agent, work.now, work.now + IDLE)
    await sessions.add_token(work.db, token, session.id)
    return session


async def _rotate(work: Work, sent: bytes, successor: bytes) -> Session | None:
    token = await sessions.token(work.db, sent, work.now)
    if token is None:
        return None
    session = token.session
    if token.use_time is not None:
        following = await sessions.token(work.db, successor, work.now)
        retried = following is not None and following.use_time is None and work.now - token.use_time <= GRACE
        if not retried:
            await end_sessions(work, session.user_id, only=session.id)
            return None
        return session
    await sessions.use_token(work.db, sent, work.now)
    await sessions.add_token(work.db, successor, session.id)
    await sessions.touch(work.db, session.id, work.now, min(work.now + IDLE, session.create_time + LONGEST))
    return session


async def _end_by_token(work: Work, sent: bytes) -> bool:
    token = await sessions.token(work.db, sent, work.now)
    if token is None:
        return False
    return await end_sessions(work, token.session.user_id, only=token.session.id) > 0


def _pass(steps: Steps, session: Session, refresh_token: str) -> Pass:
    access_token = steps.tokens.issue_access(session.user_id, session.id, datetime.now(UTC))
    return Pass(access_token, refresh_token, steps.tokens.access_seconds)
