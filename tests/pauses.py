"""Modules that pause as tests want them to."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any


class Paused:
    """asyncio, with another `sleep`: it is put in the place of the one that a module imports."""

    def __init__(self, sleep: Callable[[float], Awaitable[None]]) -> None:
        self.sleep = sleep

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)
