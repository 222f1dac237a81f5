"""`create_chat`: joins the parts that operations work with, as the settings say."""

from datetime import timedelta
from secrets import token_hex

from argon2 import PasswordHasher

from chatgraph.chat import Chat
from chatgraph.credentials.keys import KeyRing, load_or_create
from chatgraph.credentials.passwords import Passwords
from chatgraph.credentials.tokens import Tokens
from chatgraph.operations.rates import Rates
from chatgraph.settings import Settings
from chatgraph.store.opening import database_at


def create_chat(settings: Settings, hasher: PasswordHasher | None = None, *, alone: bool = True) -> Chat:
    """
    Join the parts; not *alone* where a server may be running on the same database.

    Without a secret key in the settings, one is made beside the database on first start. Raises `ValueError` for a
    database address or a key that is no good.
    """
    database = database_at(settings.database_url, settings.readers, alone=alone)
    if settings.secret_key is not None:
        secret = settings.secret_key.get_secret_value()
    elif database.key_file is not None:
        secret = load_or_create(database.key_file)
    elif not alone:
        secret = token_hex(32)  # an operator's commands give nobody a token
    else:
        raise ValueError(
            "Set CHATGRAPH_SECRET_KEY, 32 bytes or more and the same on every server of this database."
        )
    keys = KeyRing(secret, [key.get_secret_value() for key in settings.previous_secret_keys])
    return Chat(
        database,
        Passwords(hasher, workers=settings.password_workers),
        Tokens(keys),
        Rates(settings.rate_limits, settings.redis_url),
        settings.registration,
        timedelta(days=settings.journal_days) if settings.journal_days else None,
    )
