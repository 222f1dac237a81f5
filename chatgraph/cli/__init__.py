"""The `chatgraph` command: run a server, and what an operator does beside it."""

from typing import Annotated

import typer

from chatgraph.cli import houses, users
from chatgraph.cli.audit import audit_log
from chatgraph.cli.backup import backup
from chatgraph.cli.moving import move
from chatgraph.cli.serving import migrate, serve

app = typer.Typer(
    help="A chat backend: houses have rooms, rooms have talks. "
    "Settings come from CHATGRAPH_… variables and a .env file; options go before them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
app.command()(serve)
app.command()(migrate)
app.command()(backup)
app.command()(move)
app.add_typer(users.app, name="user", help="List users, make one, reset a password, shut one out.")
app.add_typer(houses.app, name="house", help="List houses, found one, hand one over.")
app.command()(audit_log)


@app.command()
def schema() -> None:
    """Print the GraphQL schema, as schema.graphql holds it."""
    from chatgraph.schema.schema import print_schema

    typer.echo(print_schema(), nl=False)


@app.callback(invoke_without_command=True)
def main(
    version: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False,
) -> None:
    if version:
        from importlib.metadata import version as installed

        typer.echo(f"chatgraph {installed('chatgraph')}")
        raise typer.Exit
