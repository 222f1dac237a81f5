"""Accounts: who there is, and what they know to prove it. Sessions are in `operations.sessions`."""

from collections.abc import Collection

from chatgraph.credentials.passwords import check_password
from chatgraph.credentials.usernames import Username, read_username
from chatgraph.errors import Conflict, Invalid, NotFound, Unauthenticated
from chatgraph.models import Account, Page, User, Window
from chatgraph.operations.work import Steps, Work
from chatgraph.store import accounts, sessions

WRONG = "The username or the password is wrong."


async def register(steps: Steps, username: str, password: str) -> User:
    """
    Make an account. The username is 1 to 32 characters, the password 8 to 128.

    Raises `Invalid`, `Conflict` (the name, or one that looks like it, is taken), `Unavailable` (too many at once).
    """
    wanted = read_username(username)
    check_password(password, wanted.name)
    await steps.ask(_require_free, wanted)
    return await steps.perform(_add, wanted, await steps.passwords.hash(password))


async def check_login(steps: Steps, username: str, password: str) -> User:
    """
    Tell whose name and password these are; an unknown name costs the same time as a wrong password.

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
    if steps.passwords.is_outdated(account.password_hash):
        await steps.perform(_set_password, account.user.id, await steps.passwords.hash(password))
    return account.user


async def change_password(steps: Steps, old_password: str, new_password: str) -> User:
    """
    Replace the viewer's password and end their other sessions.

    Raises `Unauthenticated`, `Invalid` (the old one is wrong, the new one is no good), `Unavailable`.
    """
    account = await steps.ask(_by_id, steps.viewer.known())
    if not await steps.passwords.verify(account.password_hash, old_password):
        raise Invalid("`oldPassword` is wrong.", "oldPassword")
    try:
        check_password(new_password, account.user.username)
    except Invalid as error:
        raise Invalid(error.message, "newPassword") from None
    await steps.perform(_change_password, account.user.id, await steps.passwords.hash(new_password))
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
    await steps.perform(_change_password, account.user.id, await steps.passwords.hash(new_password))
    return account.user


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


async def load_users(work: Work, user_ids: Collection[int]) -> list[User]:
    """Give those of the users that there are, in no order. Raises `Unauthenticated`."""
    work.viewer.known()
    return await accounts.find(work.db, user_ids)


async def list_users(work: Work, window: Window) -> Page[User]:
    """List everybody, oldest first. For the operator."""
    return await accounts.page(work.db, window)


async def _require_free(work: Work, wanted: Username) -> None:
    taken = await accounts.taken_by(work.db, wanted.name, wanted.skeleton)
    if taken == wanted.name:
        raise Conflict("This username is taken.", "username")
    if taken is not None:
        raise Conflict("This username looks too much like one that is taken.", "username")


async def _add(work: Work, wanted: Username, password_hash: str) -> User:
    await _require_free(work, wanted)
    return await accounts.add(work.db, *wanted, password_hash, work.now)


async def _by_name(work: Work, name: str) -> Account | None:
    return await accounts.by_name(work.db, name)


async def _by_id(work: Work, user_id: int) -> Account:
    account = await accounts.by_id(work.db, user_id)
    if account is None:
        raise NotFound("user")
    return account


async def _set_password(work: Work, user_id: int, password_hash: str) -> None:
    await accounts.set_password(work.db, user_id, password_hash)


async def _change_password(work: Work, user_id: int, password_hash: str) -> None:
    await accounts.set_password(work.db, user_id, password_hash)
    await sessions.end(work.db, user_id, work.now, keep=work.viewer.session_id)
