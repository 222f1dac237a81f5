"""Checksums: whether two databases hold the same, told by what this code reads in them."""

from hashlib import sha256
from typing import NamedTuple

from chatgraph.store.connections import Connection
from chatgraph.store.moving.pages import Pages, Tell


class Checksum(NamedTuple):
    """How many rows a table has, and the SHA-256 of their values in the order of the key."""

    rows: int
    digest: str


async def checksum(db: Connection, pages: Pages, tell: Tell | None = None) -> Checksum:
    """Read a whole table, page by page."""
    count, digest = 0, sha256()
    rows = await pages.count(db)
    async for page in pages.read(db):
        # What Python writes for them differs wherever integers, texts, bytes, times or nothing differ.
        digest.update("\n".join(map(repr, page)).encode() + b"\n")
        count += len(page)
        if tell is not None:
            tell(f"Comparing {pages.table.name} ({rows})", count, rows)
    return Checksum(count, digest.hexdigest())
