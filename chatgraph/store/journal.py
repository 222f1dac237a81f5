"""The journal of each house: what happened, in commit order, written in the transaction that made it happen."""

from datetime import datetime

from sqlalchemy import insert, update

from chatgraph.store.rows import Connection
from chatgraph.store.tables import houses, journal


async def append(
    db: Connection,
    house_id: int,
    kind: int,
    subject_id: int,
    room_id: int | None,
    actor_id: int | None,
    now: datetime,
) -> None:
    """Write what happened at the house's next position; its row stays locked until the commit."""
    raised = update(houses).where(houses.c.id == house_id).values(journal_seq=houses.c.journal_seq + 1)
    seq = (await db.execute(raised.returning(houses.c.journal_seq))).scalar_one()
    row = {"room_id": room_id, "kind": kind, "subject_id": subject_id, "actor_id": actor_id, "time": now}
    await db.execute(insert(journal).values(house_id=house_id, seq=seq, **row))
