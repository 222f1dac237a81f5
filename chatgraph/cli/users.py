"""`chatgraph user`: list, create, reset-password, deactivate, reactivate."""

from typing import Annotated

import typer

from chatgraph.cli.operator import everything, operating
from chatgraph.cli.options import DatabaseUrl, explained
from chatgraph.operations import accounts

app = typer.Typer(no_args_is_help=True)

Username = Annotated[
    str, typer.Argument(help="1 to 32 letters, digits and marks of any script, and ASCII punctuation.")
]
KnownAs = Annotated[str, typer.Argument(metavar="USERNAME", help="Their username, in any case.")]
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
    """List all users: id, name, when they registered, and whether they are deactivated."""

    async def show() -> None:
        async with operating(database) as visit:
            async for user in everything(visit, accounts.list_users):
                line = f"{user.id}\t{user.username}\t{user.create_time:%Y-%m-%d %H:%M}"
                if user.deactivate_time is not None:
                    line += f"\tdeactivated {user.deactivate_time:%Y-%m-%d %H:%M}"
                typer.echo(line)

    explained(show())


@app.command()
def create(username: Username, password: Password, database: DatabaseUrl = None) -> None:
    """Make a user who can sign in at once; the database too, where there is none yet."""

    async def make() -> None:
        async with operating(database, makes=True) as visit:
            user = await visit.carry_out(accounts.enroll, username, password)
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


@app.command()
def deactivate(
    username: KnownAs,
    reason: Annotated[str, typer.Option(help="Why, up to 512 characters, for `chatgraph audit-log`.")] = "",
    database: DatabaseUrl = None,
) -> None:
    """Shut a user out: their sessions and the invites they made end at once. What they said stays."""

    async def shut_out() -> None:
        async with operating(database) as visit:
            user = await visit.perform(accounts.deactivate, username, reason)
            typer.echo(
                f"{user.username} has been deactivated since {user.deactivate_time:%Y-%m-%d %H:%M} UTC; "
                "their sessions and the invites they made have ended."
            )

    explained(shut_out())


@app.command()
def reactivate(username: KnownAs, database: DatabaseUrl = None) -> None:
    """Let a user who was deactivated sign in again. What ended with that stays ended."""

    async def let_in() -> None:
        async with operating(database) as visit:
            user = await visit.perform(accounts.reactivate, username)
            typer.echo(f"{user.username} can sign in again.")

    explained(let_in())
