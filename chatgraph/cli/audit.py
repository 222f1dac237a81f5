"""`chatgraph audit-log`: what operators did with their commands, so that they know of one another."""

import typer

from chatgraph.chat import Visit
from chatgraph.cli.operator import everything, item, operating
from chatgraph.cli.options import DatabaseUrl, explained
from chatgraph.models import Act, AuditEntry
from chatgraph.operations import accounts, audit, houses


def audit_log(database: DatabaseUrl = None) -> None:
    """List what operators did, newest first: time, act, house, subject, detail, reason."""

    async def show() -> None:
        async with operating(database) as visit:
            names = _Names(visit)
            async for entry in everything(visit, audit.list_operator_entries):
                cells = await _cells(entry, names)
                typer.echo("\t".join(" ".join(cell.split()) or "-" for cell in cells))

    explained(show())


class _Names:
    """What users and houses are called, each asked for once; what is gone is called by its number."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._users: dict[int, str] = {}
        self._houses: dict[int, str] = {}

    async def user(self, user_id: int) -> str:
        if user_id not in self._users:
            user = await item(self._visit, accounts.list_users, user_id)
            self._users[user_id] = str(user_id) if user is None else user.username
        return self._users[user_id]

    async def house(self, house_id: int) -> str:
        if house_id not in self._houses:
            house = await item(self._visit, houses.list_every_house, house_id)
            self._houses[house_id] = str(house_id) if house is None else f"{house_id} {house.name}"
        return self._houses[house_id]


async def _cells(entry: AuditEntry, names: _Names) -> list[str]:
    act = entry.act.name.lower().replace("_", " ")
    house = "" if entry.house_id is None else await names.house(entry.house_id)
    # What an operator does is done to a user, or to the house that they found.
    subject = house if entry.act is Act.HOUSE_FOUNDED else await names.user(entry.subject_id)
    return [f"{entry.time:%Y-%m-%d %H:%M}", act, house, subject, entry.detail, entry.reason]
