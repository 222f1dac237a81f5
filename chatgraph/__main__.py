"""`python -m chatgraph` is the `chatgraph` command."""

from chatgraph.cli import app

app()
