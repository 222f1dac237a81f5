"""The calls that write: what each mutation is given, once for each thing or person it could be done to."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from graphql import GraphQLSchema

from tests.cast import PASSWORD
from tests.permissions.actors import NAMES, is_lower
from tests.permissions.calls import Call, expect, graph
from tests.permissions.documents import mutation_text
from tests.permissions.scene import Scene
from tests.permissions.table import Row
from tests.permissions.worlds import World

LATER = (datetime.now(UTC) + timedelta(hours=1)).isoformat()


class Cell(NamedTuple):
    """Whose turn it is, and where."""

    scene: Scene
    world: World
    actor: str

    def id_of(self, kind: str, number: int) -> str:
        return self.scene.id_of(kind, number)


class Target(NamedTuple):
    """What a mutation is done to: whether it is the actor's own, whether they are of a lower rank."""

    name: str
    input: dict[str, Any]
    own: bool = False
    lower: bool = False


Targets = Iterator[Target]


def _house(**more: Any) -> Callable[[Cell], Targets]:
    def targets(cell: Cell) -> Targets:
        yield Target("the house", {"houseId": cell.id_of("House", cell.world.house), **more})

    return targets


def _people(*people: str, and_oneself: bool = True, **more: Any) -> Callable[[Cell], Targets]:
    """Do it to these people, and to oneself."""

    def targets(cell: Cell) -> Targets:
        house = cell.id_of("House", cell.world.house)
        oneself = [cell.actor] if and_oneself and cell.actor in cell.scene.users else []
        for person in dict.fromkeys([*people, *oneself]):
            given = {"houseId": house, "userId": cell.scene.user_id(person), **more}
            yield Target(person, given, lower=is_lower(person, cell.actor))

    return targets


def _rooms(which: str | None = None, **more: Any) -> Callable[[Cell], Targets]:
    """Do it to one's own room and to somebody else's, or to the one that is called *which*."""

    def targets(cell: Cell) -> Targets:
        for label in [which] if which else ["mel", cell.actor]:
            if label in cell.world.rooms:
                given = {"roomId": cell.id_of("Room", cell.world.rooms[label]), **more}
                yield Target(f"{label}'s room", given, own=label == cell.actor)

    return targets


def _talks(where: str = "talks", **more: Any) -> Callable[[Cell], Targets]:
    """Do it to one's own talk and to somebody else's."""

    def targets(cell: Cell) -> Targets:
        talks: dict[str, int] = getattr(cell.world, where)
        for label in ["mel", cell.actor]:
            if label in talks:
                given = {"talkId": cell.id_of("Talk", talks[label]), **more}
                yield Target(f"{label}'s talk", given, own=label == cell.actor)

    return targets


def _requests(*labels: str, own: bool = True) -> Callable[[Cell], Targets]:
    """Do it to somebody else's join request and to one's own, decided as it may be."""

    def targets(cell: Cell) -> Targets:
        mine = [cell.actor] if own or cell.actor not in ("MO", "OW") else []
        for label in [*labels, *mine]:
            if label in cell.world.requests:
                given = {"joinRequestId": cell.id_of("JoinRequest", cell.world.requests[label])}
                yield Target(f"{label}'s request", given, own=label == cell.actor)

    return targets


def _invites(cell: Cell) -> Targets:
    for label in ("OW", "MO"):
        yield Target(f"{label}'s invite", {"inviteId": cell.id_of("Invite", cell.world.invites[label])})


def _code(cell: Cell) -> Targets:
    yield Target("the code", {"code": cell.world.code})


def _sessions(cell: Cell) -> Targets:
    people = {user: person for person, user in cell.scene.users.items()}
    for number, user in cell.scene.ledger.ask("SELECT id, user_id FROM sessions"):
        own = people[user] == cell.actor
        yield Target(f"{people[user]}'s", {"sessionId": cell.id_of("Session", number)}, own=own)


def _account(**given: Any) -> Callable[[Cell], Targets]:
    """Do it with the actor's name and tokens; anonymous has none, and comes with the outsider's."""

    def targets(cell: Cell) -> Targets:
        who = "NM" if cell.actor == "AN" else cell.actor
        known = {"name": NAMES[who], "refresh": cell.scene.actors[who].refresh_token, "code": cell.world.code}
        filled = {
            key: value.format(**known) if isinstance(value, str) else value for key, value in given.items()
        }
        yield Target(who, filled, own=True)

    return targets


NEWCOMER = {"username": "newcomer", "password": PASSWORD}

TARGETS: dict[str, Callable[[Cell], Targets]] = {
    "register": _account(**NEWCOMER),
    "register(inviteCode)": _account(**NEWCOMER, inviteCode="{code}"),
    "login": _account(username="{name}", password=PASSWORD),
    "refresh": _account(refreshToken="{refresh}"),
    "logout": _account(refreshToken="{refresh}"),
    "changePassword": _account(oldPassword=PASSWORD, newPassword="ten violet teapots"),
    "logoutEverywhere": _account(),
    "revokeSession": _sessions,
    "createHouse": _account(name="Another"),
    "updateHouse": _house(name="Renamed", visibility="PRIVATE"),
    "deleteHouse": _house(),
    "joinHouse": _house(),
    "leaveHouse": _house(),
    "setRole": lambda cell: (
        target._replace(input={**target.input, "role": "MEMBER" if target.name == "mia" else "MODERATOR"})
        for target in _people("mel", "mia", "OW")(cell)
    ),
    "transferHouse": _people("mel", "mia"),
    "removeMember": _people("mel", "mia", "OW"),
    "banUser": _people("mel", "mia", "OW", "far"),
    "unbanUser": _people("bo", "BA", and_oneself=False),
    "muteMember": _people("mel", "mia", "OW", endTime=LATER),
    "unmuteMember": _people("mel", "mia", "OW"),
    "createInvite": _house(),
    "revokeInvite": _invites,
    "acceptInvite": _code,
    "requestToJoin": _house(message="Let me in"),
    "withdrawJoinRequest": _requests("asker"),
    "approveJoinRequest": _requests("asker", own=False),
    "declineJoinRequest": _requests("asker", own=False),
    "createRoom": _house(title="Attic"),
    "updateRoom": _rooms(title="Retitled"),
    "archiveRoom": _rooms(),
    "archiveRoom(open again)": _rooms("archived", archived=False),
    "lockRoom": _rooms(),
    "lockRoom(unlock)": _rooms("locked", locked=False),
    "deleteRoom": _rooms(),
    "postTalk": _rooms(content="Hello"),
    "postTalk(archived)": _rooms("archived", content="Hello"),
    "postTalk(locked)": _rooms("locked", content="Hello"),
    "editTalk": _talks(content="Otherwise"),
    "editTalk(archived)": _talks("archived_talks", content="Otherwise"),
    "editTalk(locked)": _talks("locked_talks", content="Otherwise"),
    "removeTalk": _talks(),
    "setTyping": _rooms(),
    "setPresence": _account(visible=False),
    "removeTalk(archived)": _talks("archived_talks"),
}

# What is done behind the server's back before a mutation is called.
SET_UPS = {
    "muted": "DELETE FROM mutes WHERE house_id = {house} AND user_id = {actor};"
    "INSERT INTO mutes VALUES ({house}, {actor}, '2999-01-01 00:00:00.000000');",
    "after transfer": "UPDATE members SET rank = 50 WHERE house_id = {house} AND user_id = {owner};"
    "UPDATE members SET rank = 100 WHERE house_id = {house} AND user_id = {moderator};",
}


def writes(scene: Scene, schema: GraphQLSchema, row: Row, actor: str, world: str) -> Iterable[Call]:
    """Give the calls of a cell."""
    cell = Cell(scene, scene.worlds[world], actor)
    name, _, when = row.name.rstrip(")").partition("(")
    code = row.cells[world, actor]
    targets = TARGETS.get(row.name) or TARGETS[name]
    for target in targets(cell):
        about = {"input": target.input} if target.input else {}
        expected = expect(code, own=target.own, lower=target.lower)
        request = graph(mutation_text(schema, name), **about)
        yield Call(target.name, expected, request, (name,), (), True, set_up(cell, when), expected == "j")


def set_up(cell: Cell, when: str) -> str:
    """Write what is done before, if anything is."""
    users = {"actor": cell.scene.users.get(cell.actor, 0), "house": cell.world.house}
    users |= {"owner": cell.scene.users["OW"], "moderator": cell.scene.users["MO"]}
    if cell.actor == "AN" and when == "muted":
        return ""
    return SET_UPS.get(when, "").format(**users)
