"""`chatgraph user`: list, create, reset-password."""

from typing import Annotated

import typer

from chatgraph.cli.operator import everything, operating
from chatgraph.cli.options import DatabaseUrl, explained
from chatgraph.operations import accounts

app = typer.Typer(no_args_is_help=True)

Username = Annotated[str, typer.Argument(help="1 to 32 letters, digits and marks of any script.")]
Password = Annotated[
    str,
    typer.Option(
        prompt=True,
        confirmation_prompt=True,
        hide_input=True,
        help="8 to 128 characters; asked for if not given.",
    ),
]


@app.command("list")
def list_users(database: DatabaseUrl = None) -> None:
    """List all users: id, name, and when they registered."""

    async def show() -> None:
        async with operating(database) as visit:
            async for user in everything(visit, accounts.list_users):
                typer.echo(f"{user.id}\t{user.username}\t{user.create_time:%Y-%m-%d %H:%M}")

    explained(show())


@app.command()
def create(username: Username, password: Password, database: DatabaseUrl = None) -> None:
    """Make a user who can sign in at once."""

    async def make() -> None:
        async with operating(database) as visit:
            user = await visit.carry_out(accounts.register, username, password)
            typer.echo(f"{user.username} can sign in now (id {user.id}).")

    explained(make())


@app.command()
def reset_password(username: Username, password: Password, database: DatabaseUrl = None) -> None:
    """Give a user a new password, and end all their sessions."""

    async def reset() -> None:
        async with operating(database) as visit:
            user = await visit.carry_out(accounts.reset_password, username, password)
            typer.echo(f"{user.username} has a new password; all their sessions have ended.")

    explained(reset())
