"""The journal of each house: what happened, in commit order, written in the transaction that made it happen."""

from datetime import datetime

from sqlalchemy import bindparam, insert, update

from chatgraph.store.rows import Connection
from chatgraph.store.tables import houses, journal

ADD = insert(journal)
RAISE_SEQ = (
    update(houses)
    .where(houses.c.id == bindparam("house"))
    .values(journal_seq=houses.c.journal_seq + 1)
    .returning(houses.c.journal_seq)
)


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
    seq = (await db.execute(RAISE_SEQ, {"house": house_id})).scalar_one()
    row = {"room_id": room_id, "kind": kind, "subject_id": subject_id, "actor_id": actor_id, "time": now}
    await db.execute(ADD, {"house_id": house_id, "seq": seq, **row})
