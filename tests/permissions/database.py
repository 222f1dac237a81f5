"""The server's database seen from outside: what stands in it, what changed, and the way back to how it was."""

from typing import Any, Protocol

from tests.databases import ON_SQLITE, file_of

# Where the ids of each table begin, so that a number in an answer tells which thing it is, and nothing else.
FIRST_IDS = {
    "houses": 1_000_000,
    "rooms": 2_000_000,
    "talks": 3_000_000,
    "members": 4_000_000,
    "users": 5_000_000,
    "sessions": 6_000_000,
    "bans": 7_000_000,
    "invites": 7_500_000,
    "join_requests": 8_000_000,
    "audit_entries": 8_500_000,
}

Dump = dict[str, list[tuple[Any, ...]]]


class Ledger(Protocol):
    """All rows of all tables. `keep` remembers them; `restore` brings them back while the server runs but rests."""

    kept: Dump

    def ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Read rows."""
        ...

    async def set_up(self, statements: str) -> None:
        """Change rows behind the server's back."""
        ...

    def version(self) -> int:
        """Give a number that is another one after every commit of anybody else."""
        ...

    def dump(self) -> Dump:
        """Give all rows of all tables."""
        ...

    async def keep(self) -> None:
        """Remember how everything is."""
        ...

    async def restore(self) -> None:
        """Make everything as it was kept."""
        ...

    def close(self) -> None:
        """Let go of the database."""
        ...


def ledger_of(url: str) -> Ledger:
    """Give the ledger of a database that nobody has open yet, in which ids begin where `FIRST_IDS` says."""
    if ON_SQLITE:
        from tests.permissions.sqlite import FileLedger

        return FileLedger(file_of(url))
    from tests.permissions.postgres import ServerLedger

    return ServerLedger(url)


def changed(before: Dump, after: Dump) -> list[str]:
    """Name the tables whose rows aren't what they were."""
    return [table for table in before if before[table] != after[table]]
