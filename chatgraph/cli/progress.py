"""How far a command is: a bar on a terminal, elsewhere a line for what begins."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import typer

Tell = Callable[[int, int], None]


@contextmanager
def showing(label: str) -> Iterator[Tell]:
    """Give what is told how much is done, and of how much; it is shown on standard error from then on."""
    bar: Any = None
    with ExitStack() as stack:

        def tell(done: int, of: int) -> None:
            nonlocal bar
            if bar is None:
                bar = stack.enter_context(typer.progressbar(length=of, label=label, file=sys.stderr))
            bar.update(done - bar.pos)

        yield tell
