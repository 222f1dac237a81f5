"""How a database goes about a statement, in the words of SQLite."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Any

import asyncpg

from chatgraph.store.database import Database
from tests.apart import Apart
from tests.databases import ON_SQLITE, file_of, url_of
from tests.statements import Statement

# In tables as small as those of tests PostgreSQL would read and sort everything, unless it is told that this is dear.
DEAR = ("seqscan", "sort", "incremental_sort", "hashjoin", "mergejoin", "material")


def plans(database: Database, statements: Iterable[Statement]) -> list[str]:
    """Give the steps of all that looks for rows: what is searched by an index, what is scanned, what is sorted."""
    looking = [one for one in statements if one.text.startswith(("SELECT", "UPDATE", "DELETE"))]
    if ON_SQLITE:
        with closing(sqlite3.connect(file_of(url_of(database)))) as db:
            return [
                step
                for text, given in looking
                for *_, step in db.execute(f"EXPLAIN QUERY PLAN {text}", given)
            ]
    with closing(Apart()) as apart:
        return apart.run(_postgres_plans(url_of(database), looking))


def scans(steps: Iterable[str]) -> list[str]:
    """
    Give the steps that read a whole table or sort.

    Those over the rows of an inner SELECT, or over an index of what was deleted alone, don't count.
    """
    over_rows = ("SCAN (", "SCAN anon_", "SCAN CONSTANT")
    return [
        step
        for step in steps
        if "TEMP B-TREE" in step
        or (step.startswith("SCAN") and not step.startswith(over_rows) and not step.endswith("_deleted"))
    ]


async def _postgres_plans(url: str, statements: Iterable[Statement]) -> list[str]:
    db = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        await db.execute("; ".join(f"SET enable_{way} = off" for way in DEAR))
        told = [await db.fetchval(f"EXPLAIN (FORMAT JSON) {text}", *given) for text, given in statements]
    finally:
        await db.close()
    return [step for [plan] in map(json.loads, told) for step in _steps(plan["Plan"])]


def _steps(plan: dict[str, Any]) -> Iterator[str]:
    kind, table, index = plan["Node Type"], plan.get("Relation Name", ""), plan.get("Index Name", "")
    if "Index Cond" in plan:
        yield f"SEARCH {table} USING INDEX {index}"
    elif kind in ("Seq Scan", "Index Scan", "Index Only Scan"):
        yield f"SCAN {table}" if index in ("", f"pk_{table}") else f"SCAN {table} USING INDEX {index}"
    elif "Sort" in kind:
        yield "USE TEMP B-TREE"
    for part in plan.get("Plans", ()):
        yield from _steps(part)
