"""Databases of either kind in which there is nothing yet, and another program that looks into them."""

import asyncio
import os
from itertools import count
from typing import Any

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool


class Postgres:
    """A server at *address*; what is made on it stays until the server goes."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._numbers = count()

    def create(self) -> str:
        """Make a database in which there is nothing, and give its address."""
        name = f"chatgraph_bare_{os.getpid()}_{next(self._numbers)}"
        with asyncio.Runner() as runner:
            runner.run(self._create(name))
        head, mark, tail = self.address.partition("?")
        server = head.rsplit("/", 1)[0].replace("postgresql://", "postgresql+asyncpg://", 1)
        return f"{server}/{name}{mark}{tail}"

    async def _create(self, name: str) -> None:
        db = await asyncpg.connect(self.address)
        await db.execute(f"DROP DATABASE IF EXISTS {name}")
        await db.execute(f"CREATE DATABASE {name}")
        await db.close()


async def rows(url: str, statement: str, **given: Any) -> list[tuple[Any, ...]]:
    """Run one statement in a transaction of its own and give its rows."""
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.begin() as db:
        done = await db.execute(text(statement), given)
        found = [tuple(row) for row in done] if done.returns_rows else []
    await engine.dispose()
    return found
