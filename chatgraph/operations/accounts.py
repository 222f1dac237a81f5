"""Accounts: who there is, and what they know to prove it. Sessions are in `operations.sessions`."""

from collections.abc import Collection
from typing import NamedTuple

from chatgraph.credentials.passwords import check_password
from chatgraph.credentials.usernames import Username, read_username
from chatgraph.errors import Conflict, Invalid, NotFound, Unauthenticated
from chatgraph.models import Account, Act, Page, User, Window
from chatgraph.operations import texts
from chatgraph.operations.invites import accept_invite, find_invite
from chatgraph.operations.rights import require_registration
from chatgraph.operations.work import Steps, Work
from chatgraph.store import accounts, invites, sessions

WRONG = "The username or the password is wrong."
DEACTIVATED = "This account is deactivated; ask whoever runs this server."


async def register(steps: Steps, username: str, password: str, invite_code: str | None = None) -> User:
    """
    Make an account. The username is 1 to 32 characters, the password 8 to 128.

    With the code of an invite, the new user is a member of its house at once. Announces `MEMBER_JOINED` there.

    Raises `Forbidden` (registration is closed, or takes an invite), `Invalid`, `Conflict` (the name, or one that
    looks like it, is taken), `NotFound` (no such invite), `Unavailable` (too many at once).
    """
    require_registration(steps.registration, invited=invite_code is not None)
    wanted = read_username(username)
    check_password(password, wanted.name)
    await steps.ask(_require_free, wanted, invite_code)
    return await steps.perform(_add, invite_code, wanted, await steps.passwords.hash(password))


async def enroll(steps: Steps, username: str, password: str) -> User:
    """Make an account for somebody, whoever may register. For the operator. Raises `Invalid`, `Conflict`."""
    wanted = read_username(username)
    check_password(password, wanted.name)
    return await steps.perform(_enroll, wanted, await steps.passwords.hash(password))


class Proof(NamedTuple):
    """Whose password was given, as it was kept then; *renewed* is its hash to keep, where today's parameters are others."""

    account: Account
    renewed: str | None


async def check_login(steps: Steps, username: str, password: str) -> Proof:
    """
    Tell whose name and password these are; an unknown name costs the same time as a wrong password.

    What is proven may be over by the time of the next step: `still_proven` asks in it.

    Raises `Unauthenticated` in the same words for both, `Unavailable` (too many at once).
    """
    try:
        name = read_username(username).name
    except Invalid:
        name = None
    account = await steps.ask(_by_name, name) if name is not None else None
    matches = await steps.passwords.verify(account.password_hash if account else None, password)
    if account is None or not matches:
        raise Unauthenticated(WRONG)
    _require_active(account.user)
    outdated = steps.passwords.is_outdated(account.password_hash)
    return Proof(account, await steps.passwords.hash(password) if outdated else None)


async def still_proven(work: Work, proof: Proof) -> bool:
    """
    Tell whether a proof still holds: False where the password was replaced since. Renews its hash, if it must be.

    Raises `Unauthenticated` when the user was deactivated.
    """
    account = await accounts.by_id(work.db, proof.account.user.id)
    if account is None or account.password_hash != proof.account.password_hash:
        return False
    _require_active(account.user)
    if proof.renewed is not None:
        await accounts.set_password(work.db, account.user.id, proof.renewed)
    return True


async def change_password(steps: Steps, old_password: str, new_password: str) -> User:
    """
    Replace the viewer's password and end their other sessions.

    Raises `Unauthenticated`, `Invalid` (the old one is wrong, the new one is no good), `Unavailable`.
    """
    account = await steps.ask(_own)
    if not await steps.passwords.verify(account.password_hash, old_password):
        raise Invalid("`oldPassword` is wrong.", "oldPassword")
    try:
        check_password(new_password, account.user.username)
    except Invalid as error:
        raise Invalid(error.message, "newPassword") from None
    await steps.perform(_change_own_password, await steps.passwords.hash(new_password))
    return account.user


async def reset_password(steps: Steps, username: str, new_password: str) -> User:
    """
    Replace a user's password and end all their sessions. For the operator, who needs not know the old one.

    Raises `NotFound`, `Invalid`.
    """
    account = await steps.ask(_by_name, read_username(username).name)
    if account is None:
        raise NotFound("user")
    check_password(new_password, account.user.username)
    await steps.perform(_reset_password, account.user.id, await steps.passwords.hash(new_password))
    return account.user


async def deactivate(work: Work, username: str, reason: str = "") -> User:
    """
    Shut a user out: their sessions and the invites they made end at once. What they said stays. For the operator.

    Raises `NotFound`, `Invalid`.
    """
    user = await get_user(work, username)
    reason = texts.reason(reason)
    if user.deactivate_time is not None:
        return user
    await accounts.set_deactivated(work.db, user.id, work.now)
    await end_sessions(work, user.id)
    await invites.revoke_of(work.db, user.id, work.now)
    work.record(Act.USER_DEACTIVATED, None, user.id, reason=reason)
    return user._replace(deactivate_time=work.now)


async def reactivate(work: Work, username: str) -> User:
    """Let a user who was shut out sign in again. For the operator. Raises `NotFound`, `Invalid`."""
    user = await get_user(work, username)
    if user.deactivate_time is not None:
        await accounts.set_deactivated(work.db, user.id, None)
        work.record(Act.USER_REACTIVATED, None, user.id)
    return user._replace(deactivate_time=None)


async def end_sessions(work: Work, user_id: int, *, only: int | None = None, keep: int | None = None) -> int:
    """End a user's sessions: all, *only* one, or all but the one to *keep*. Give how many."""
    ended = await sessions.end(work.db, user_id, work.now, only=only, keep=keep)
    work.sign_out(user_id)
    return ended


async def find_user(work: Work, username: str) -> User:
    """Give the user of that name, in any case. Raises `NotFound`, `Invalid`, `Unauthenticated`."""
    work.viewer.known()
    return await get_user(work, username)


async def get_user(work: Work, username: str) -> User:
    """Give the user of that name, whoever asks. For the operator. Raises `NotFound`, `Invalid`."""
    account = await accounts.by_name(work.db, read_username(username).name)
    if account is None:
        raise NotFound("user")
    return account.user


async def load_users(work: Work, user_ids: Collection[int]) -> dict[int, User]:
    """Give those of the users that there are. Raises `Unauthenticated`."""
    work.viewer.known()
    return {user.id: user for user in await accounts.find(work.db, user_ids)}


async def list_users(work: Work, window: Window) -> Page[User]:
    """List everybody, oldest first. For the operator."""
    return await accounts.page(work.db, window)


async def _require_free(work: Work, wanted: Username, invite_code: str | None) -> None:
    if invite_code is not None:
        await find_invite(work, invite_code)
    taken = await accounts.taken_by(work.db, wanted.name, wanted.skeleton)
    if taken == wanted.name:
        raise Conflict("This username is taken.", "username")
    if taken is not None:
        raise Conflict("This username looks too much like one that is taken.", "username")


async def _add(work: Work, code: str | None, wanted: Username, password_hash: str) -> User:
    await _require_free(work, wanted, code)
    user = await accounts.add(work.db, *wanted, password_hash, work.now)
    if code is not None:
        work.viewer = work.viewer._replace(user_id=user.id)
        await accept_invite(work, code)
    return user


async def _enroll(work: Work, wanted: Username, password_hash: str) -> User:
    user = await _add(work, None, wanted, password_hash)
    work.record(Act.USER_CREATED, None, user.id)
    return user


async def _by_name(work: Work, name: str) -> Account | None:
    return await accounts.by_name(work.db, name)


async def _own(work: Work) -> Account:
    account = await accounts.by_id(work.db, work.viewer.known())
    if account is None:
        raise NotFound("user")
    return account


async def _change_own_password(work: Work, password_hash: str) -> None:
    await _change_password(work, work.viewer.known(), password_hash)


async def _reset_password(work: Work, user_id: int, password_hash: str) -> None:
    await _change_password(work, user_id, password_hash)
    work.record(Act.PASSWORD_RESET, None, user_id)


async def _change_password(work: Work, user_id: int, password_hash: str) -> None:
    await accounts.set_password(work.db, user_id, password_hash)
    await end_sessions(work, user_id, keep=work.viewer.session_id)


def _require_active(user: User) -> None:
    if user.deactivate_time is not None:
        raise Unauthenticated(DEACTIVATED)
