"""That sessions of users ended, in commit order, for servers in which these listen."""

from datetime import datetime

from sqlalchemy import delete, insert, select, update

from chatgraph.store.rows import Connection, Prepared, one
from chatgraph.store.tables import counters, sign_outs

COUNTER = "sign_outs"
RAISE = Prepared(
    update(counters)
    .where(counters.c.name == COUNTER)
    .values(value=counters.c.value + 1)
    .returning(counters.c.value)
)
HEAD = Prepared(select(counters.c.value).where(counters.c.name == COUNTER))
ADD = Prepared(insert(sign_outs), ("seq", "user_id", "time"))
AFTER = Prepared(
    select(sign_outs.c.seq, sign_outs.c.user_id)
    .where(sign_outs.c.seq > one("after"))
    .order_by(sign_outs.c.seq)
    .limit(1000)
)


async def append(db: Connection, user_id: int, now: datetime) -> None:
    """Write that sessions of a user ended; whoever else writes this waits for the commit."""
    [(seq,)] = await db.fetch(RAISE, {})
    await db.fetch(ADD, {"seq": seq, "user_id": user_id, "time": now})


async def head(db: Connection) -> int:
    """Give the seq of the last one."""
    [(seq,)] = await db.fetch(HEAD, {})
    return seq


async def after(db: Connection, seq: int) -> list[tuple[int, int]]:
    """Give the seqs and users of up to 1000 that follow, in their order."""
    return await db.fetch(AFTER, {"after": seq})


async def forget(db: Connection, before: datetime, most: int) -> int:
    """Take away up to *most* of before that time. Give how many went."""
    old = select(sign_outs.c.seq).where(sign_outs.c.time < before).limit(most)
    return (await db.execute(delete(sign_outs).where(sign_outs.c.seq.in_(old)))).rowcount
