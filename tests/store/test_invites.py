"""Invites as they are kept: the last use is counted once, whoever looked at it before."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from chatgraph.store import invites
from chatgraph.store.database import Database
from chatgraph.store.rows import Connection
from chatgraph.store.tables import users

NOW = datetime.now(UTC)
LOBBY, ADA = 1, 1


async def test_two_who_both_saw_that_one_use_is_left_cannot_both_have_it(database: Database) -> None:
    async def make(db: Connection) -> int:
        await db.execute(
            insert(users).values(
                username="ada", skeleton="ada", display_name="ada", password_hash="", create_time=NOW
            )
        )
        limits = NOW + timedelta(days=1), 1
        return (await invites.add(db, b"digest", LOBBY, ADA, NOW, *limits)).id

    invite_id = await database.write(make)

    async def use(db: Connection) -> bool:
        return await invites.use(db, invite_id)

    assert [await database.write(use) for _ in range(2)] == [True, False]
    async with database.reading() as db:
        kept = await invites.by_digest(db, b"digest")
    assert kept is not None
    assert (kept.most_uses, kept.uses) == (1, 1)
