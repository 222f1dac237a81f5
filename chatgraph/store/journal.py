"""The journal of each house: what happened, in commit order, written in the transaction that made it happen."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, insert, update

from chatgraph.store.rows import Connection
from chatgraph.store.tables import Id, houses, journal


class Entry(NamedTuple):
    """What happened, to what, and in which room."""

    kind: int
    subject_id: int
    room_id: int | None


ADD = insert(journal)
RAISE_SEQ = (
    update(houses)
    .where(houses.c.id == bindparam("house"))
    .values(journal_seq=houses.c.journal_seq + bindparam("steps", type_=Id))
    .returning(houses.c.journal_seq)
)


async def append(
    db: Connection, house_id: int, entries: Sequence[Entry], actor_id: int | None, now: datetime
) -> None:
    """Write what happened at the house's next positions; its row stays locked until the commit."""
    last = (await db.execute(RAISE_SEQ, {"house": house_id, "steps": len(entries)})).scalar_one()
    same = {"house_id": house_id, "actor_id": actor_id, "time": now}
    first = last - len(entries) + 1
    await db.execute(ADD, [{**same, "seq": first + n, **one._asdict()} for n, one in enumerate(entries)])
