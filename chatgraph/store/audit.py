"""The audit log: what was done by rank, written in the transaction that did it, and kept as long as its house."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from chatgraph.models import Act, AuditEntry, Look, Page, Seen, Window
from chatgraph.store.houses import find_within
from chatgraph.store.pages import Listing
from chatgraph.store.rows import AnyRow, Connection, columns
from chatgraph.store.tables import audit_entries

COLUMNS = columns(AuditEntry, audit_entries)


def _make(row: AnyRow | tuple[Any, ...]) -> AuditEntry:
    entry = AuditEntry._make(row)
    return entry._replace(act=Act(entry.act))


OF_HOUSE = Listing(
    lambda house: select(*COLUMNS).where(audit_entries.c.house_id == house),
    audit_entries.c.id,
    _make,
    newest_first=True,
)
OF_OPERATOR = Listing(
    lambda _: select(*COLUMNS).where(audit_entries.c.actor_id.is_(None)),
    audit_entries.c.id,
    _make,
    newest_first=True,
)


async def append(
    db: Connection,
    act: Act,
    house_id: int | None,
    subject_id: int,
    detail: str,
    reason: str,
    actor_id: int | None,
    now: datetime,
) -> None:
    """Write what was done."""
    row = {"act": act.value, "house_id": house_id, "subject_id": subject_id, "actor_id": actor_id}
    await db.execute(insert(audit_entries).values(**row, detail=detail, reason=reason, time=now))


async def find(db: Connection, look: Look, entry_ids: Collection[int]) -> list[Seen[AuditEntry]]:
    """Give those of the entries that tell of houses of which somebody knows, in no order."""
    return await find_within(db, look, audit_entries, COLUMNS, entry_ids, _make)


async def pages(db: Connection, house_ids: Collection[int], window: Window) -> dict[int, Page[AuditEntry]]:
    """Give a page of each house's entries, newest first."""
    return await OF_HOUSE.pages(db, house_ids, window)


async def page_of_operator(db: Connection, window: Window) -> Page[AuditEntry]:
    """Give a page of all that the operator did, newest first."""
    return await OF_OPERATOR.page(db, window, {})
