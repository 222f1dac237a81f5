"""How far a command is: a bar on a terminal, elsewhere a line for what begins."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import typer

Tell = Callable[[str, int, int], None]


@contextmanager
def showing() -> Iterator[Tell]:
    """Give what is told what is done, how much of it, and of how much; that is shown on standard error."""
    with ExitStack() as stack:
        shown: Any = None
        bar: Any = None

        def tell(doing: str, done: int, of: int) -> None:
            nonlocal shown, bar
            if doing != shown:
                stack.close()
                shown = doing
                bar = stack.enter_context(typer.progressbar(length=of, label=doing, file=sys.stderr))
            bar.update(done - bar.pos)

        yield tell
