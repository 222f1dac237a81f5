"""The stage: a running server, both worlds on it, everybody signed in, and the database as it then is."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from chatgraph.operations import accounts
from chatgraph.schema.ids import global_id, split_id
from chatgraph.settings import Settings
from tests.cast import Actor
from tests.conftest import SECRET, Server, running
from tests.databases import Empty
from tests.permissions.actors import NAMES, OTHERS
from tests.permissions.database import Ledger, ledger_of
from tests.permissions.marks import MODERATORS, NAME, NOBODY, READERS, Marks
from tests.permissions.table import WORLDS
from tests.permissions.worlds import Furnisher, World
from tests.schema.crowd import make_users

# The things of each kind that stand in a house, with the user whose own they are: the maker, or whom they are about.
THINGS = {
    "House": "SELECT id, NULL FROM houses WHERE id = ?",
    "Room": "SELECT id, creator_id FROM rooms WHERE house_id = ? ORDER BY id",
    "Talk": "SELECT t.id, t.creator_id FROM talks t JOIN rooms r ON r.id = t.room_id WHERE r.house_id = ?",
    "Member": "SELECT id, user_id FROM members WHERE house_id = ?",
    "Ban": "SELECT id, user_id FROM bans WHERE house_id = ?",
    "Invite": "SELECT id, creator_id FROM invites WHERE house_id = ?",
    "JoinRequest": "SELECT id, user_id FROM join_requests WHERE house_id = ?",
    "AuditEntry": "SELECT id, NULL FROM audit_entries WHERE house_id = ?",
    "User": "SELECT id, id FROM users WHERE ? > 0",
    "Session": "SELECT id, user_id FROM sessions WHERE ? > 0",
}
KNOWN_TO = {
    "House": NAME,
    "Room": READERS,
    "Talk": READERS,
    "Member": READERS,
    "Ban": MODERATORS,
    "Invite": MODERATORS,
    "JoinRequest": MODERATORS,
    "AuditEntry": MODERATORS,
}
NEVER = 9_999_999
NEVER_CODE = "A" * 24


@dataclass
class Scene:
    """Everything that calls and their judgement need."""

    server: Server
    ledger: Ledger
    marks: Marks
    actors: dict[str, Actor]
    users: dict[str, int]
    worlds: dict[str, World]

    def things(self, kind: str, world: str) -> list[tuple[int, str | None]]:
        """Give the things of a kind that stand in a world, and whose own each is."""
        people = {user: person for person, user in self.users.items()}
        rows = self.ledger.ask(THINGS[kind], self.worlds[world].house)
        return [(number, people.get(user)) for number, user in rows]

    def id_of(self, kind: str, number: int) -> str:
        """Give the global id of a thing."""
        return global_id(kind, number)

    def user_id(self, person: str) -> str:
        """Give the global id of somebody."""
        return global_id("User", self.users[person])


@asynccontextmanager
async def staged(empty_database: Empty, folder: Path) -> AsyncIterator[Scene]:
    """Run a server without rates and make the scene on it."""
    url = empty_database.copy(folder)
    ledger = ledger_of(url)
    given = {"_env_file": None, "database_url": url, "secret_key": SECRET, "rate_limits": False}
    settings = Settings(**given)  # pyright: ignore[reportArgumentType]
    async with (
        running(settings, access_log=False) as server,
        httpx.AsyncClient(base_url=server.url, timeout=30) as http,
    ):
        try:
            scene = Scene(server, ledger, Marks(), {}, {}, {})
            await _enter(scene, http)
            for name in WORLDS:
                scene.worlds[name] = await Furnisher(server.chat, scene.users, scene.marks, name).furnish()
            async with server.chat.visit() as visit:
                await visit.perform(accounts.deactivate, NAMES["DE"])
            _note_ids(scene)
            await ledger.keep()
            yield scene
        finally:
            ledger.close()
    empty_database.drop(url)


async def _enter(scene: Scene, http: httpx.AsyncClient) -> None:
    """Register everybody, and sign those in who act."""
    for actor, name in NAMES.items():
        scene.actors[actor] = Actor(http, name)
        if name:
            await scene.actors[actor].register()
            await scene.actors[actor].sign_in()
            scene.users[actor] = split_id(scene.actors[actor].id, "id")[1]
    viewers = await make_users(scene.server.chat, len(OTHERS), "extra")
    scene.users |= {person: viewer.known() for person, viewer in zip(OTHERS, viewers, strict=True)}


def _note_ids(scene: Scene) -> None:
    """Note who may know which number. Users are known to everybody, sessions to nobody but who they sign in."""
    for world in WORLDS:
        for kind, known_to in KNOWN_TO.items():
            for number, person in scene.things(kind, world):
                own = person if kind == "JoinRequest" else None
                scene.marks.number(number, world, f"{kind} {number}", known_to, own)
    for number, person in scene.things("Session", WORLDS[0]):
        scene.marks.number(number, "anywhere", f"Session {number}", NOBODY, person)
