"""`chatgraph house`: list, create, hand-over."""

from typing import Annotated

import typer

from chatgraph.cli.operator import everything, operating
from chatgraph.cli.options import DatabaseUrl, explained
from chatgraph.models import Visibility
from chatgraph.operations import accounts, houses, members

app = typer.Typer(no_args_is_help=True)

HouseId = Annotated[
    int, typer.Argument(max=2**63 - 1, help="The house's id, as `chatgraph house list` shows it.")
]
Username = Annotated[str, typer.Argument(help="Who shall own it.")]


@app.command("list")
def list_houses(database: DatabaseUrl = None) -> None:
    """List all houses: id, name, who sees it, how many members it has."""

    async def show() -> None:
        async with operating(database) as visit:
            async for house in everything(visit, houses.list_every_house):
                typer.echo(
                    f"{house.id}\t{house.name}\t{house.visibility.value}\t{house.member_count} members"
                )

    explained(show())


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="1 to 100 characters in one line.")],
    owner: Annotated[str, typer.Option(help="The username of who shall own it.")],
    description: Annotated[str, typer.Option(help="What it is about, up to 1024 characters.")] = "",
    private: Annotated[bool, typer.Option("--private", help="Only its members see it.")] = False,
    database: DatabaseUrl = None,
) -> None:
    """Found a house for somebody."""
    visibility = Visibility.PRIVATE if private else Visibility.PUBLIC

    async def found() -> None:
        async with operating(database) as visit:
            founder = await visit.ask(accounts.get_user, owner)
            house_id = await visit.perform(houses.found_house, founder.id, name, description, visibility)
            typer.echo(f"{name.strip()} has the id {house_id}; {founder.username} owns it.")

    explained(found())


@app.command()
def hand_over(house_id: HouseId, username: Username, database: DatabaseUrl = None) -> None:
    """Make somebody a house's owner; who owned it before becomes a moderator."""

    async def hand() -> None:
        async with operating(database) as visit:
            owner = await visit.ask(accounts.get_user, username)
            await visit.perform(members.hand_over, house_id, owner.id)
            typer.echo(f"{owner.username} owns house {house_id} now.")

    explained(hand())
