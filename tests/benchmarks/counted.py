"""`chatgraph serve` as it is, which on SIGUSR1 prints how many commits its writer made, and of how many changes."""

import signal

from chatgraph.cli import app
from chatgraph.store.writer import Writer

_start = Writer.start


async def start_counted(writer: Writer) -> None:
    """Start the writer, and print its counters whenever SIGUSR1 comes."""
    await _start(writer)
    signal.signal(signal.SIGUSR1, lambda *_: print(f"writer: {writer.commits} {writer.written}."))


if __name__ == "__main__":
    Writer.start = start_counted  # type: ignore[method-assign]
    app()
