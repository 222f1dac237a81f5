"""Two houses, a public and a private one, each furnished with every kind of thing, of the actors' own and of others'."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from chatgraph.chat import Chat
from chatgraph.models import Rank, Visibility
from chatgraph.operations import houses, invites, join_requests, members, moderation, rooms, talks
from chatgraph.viewer import Viewer
from tests.permissions.actors import MEMBERS
from tests.permissions.marks import MODERATORS, NAME, NOBODY, READERS, Marks

# Those who once belonged to the house, and so left things in it.
ONCE_MEMBERS = (*MEMBERS, "NM", "BA")


@dataclass
class World:
    """A house and the ids of what is in it; rooms, talks and requests by who made them."""

    name: str
    house: int
    rooms: dict[str, int] = field(default_factory=dict)
    talks: dict[str, int] = field(default_factory=dict)
    archived_talks: dict[str, int] = field(default_factory=dict)
    locked_talks: dict[str, int] = field(default_factory=dict)
    requests: dict[str, int] = field(default_factory=dict)
    invites: dict[str, int] = field(default_factory=dict)
    code: str = ""


class Furnisher:
    """Lets people do things in a house through its operations, and marks every text that they write."""

    def __init__(self, chat: Chat, users: dict[str, int], marks: Marks, name: str) -> None:
        self.chat, self.users, self.marks, self.name = chat, users, marks, name

    def text(self, what: str, known_to: str = READERS, own: str | None = None) -> str:
        """Write an unmistakable text about *what*, and note who may know it."""
        return self.marks.text(self.name, what, known_to, own)

    async def let(
        self, person: str, operation: Callable[..., Awaitable[Any]], *given: Any, **named: Any
    ) -> Any:
        """Let somebody do something."""
        async with self.chat.visit(Viewer(self.users[person])) as visit:
            return await visit.perform(operation, *given, **named)

    async def furnish(self) -> World:
        """Found the house and do everything in it that can be done. It is private while people ask to be let in."""
        founded = self.text("name", NAME), self.text("description")
        house = await self.let("OW", houses.create_house, *founded, Visibility.PRIVATE, True)
        world = World(self.name, house.id)
        await self._let_everybody_in(world)
        await self._talk(world)
        await self._invite(world)
        await self._keep_order(world)
        if self.name == "public":
            await self.let("OW", houses.update_house, world.house, None, None, Visibility.PUBLIC)
        return world

    async def _request(self, world: World, person: str, which: str = "") -> int:
        message = self.text(f"message of {person}{which}", MODERATORS, person)
        request = await self.let(person, join_requests.request_to_join, world.house, message)
        world.requests[person] = request.id
        return request.id

    async def _let_everybody_in(self, world: World) -> None:
        for person in ONCE_MEMBERS:
            if person != "OW":
                reason = self.text(f"reason to approve {person}", MODERATORS)
                request = await self._request(world, person)
                await self.let("OW", join_requests.approve_join_request, request, reason)
        for person in ("MO", "mia"):
            reason = self.text(f"reason to promote {person}", MODERATORS)
            user = self.users[person]
            await self.let("OW", members.set_role, world.house, user, Rank.MODERATOR, reason)

    async def _talk(self, world: World) -> None:
        for label in (*ONCE_MEMBERS, "archived", "locked"):
            person = label if label in self.users else "mel"
            titled = self.text(f"title of {label}'s room"), self.text(f"topic of {label}'s room")
            world.rooms[label] = (await self.let(person, rooms.create_room, world.house, *titled)).id
        for person in ONCE_MEMBERS:
            for room, said in (
                ("mel", world.talks),
                ("archived", world.archived_talks),
                ("locked", world.locked_talks),
            ):
                content = self.text(f"talk of {person} in {room}")
                talk, _ = await self.let(person, talks.post_talk, world.rooms[room], content)
                said[person] = talk.id
        await self.let("mel", talks.edit_talk, world.talks["mel"], self.text("talk that mel edited"))
        said = self.text("talk that was removed", NOBODY)
        talk, _ = await self.let("mel", talks.post_talk, world.rooms["mel"], said)
        world.talks["removed"] = talk.id
        await self.let("MO", talks.remove_talk, talk.id, self.text("reason to remove a talk", MODERATORS))
        await self.let("MO", rooms.update_room, world.rooms["mel"], self.text("title given by MO"), None)
        await self.let("MO", rooms.archive_room, world.rooms["archived"])
        reason = self.text("reason to lock a room", MODERATORS)
        await self.let("MO", rooms.lock_room, world.rooms["locked"], True, reason)

    async def _invite(self, world: World) -> None:
        for label, person in (("OW", "OW"), ("MO", "MO"), ("revoked", "MO")):
            invite, code = await self.let(person, invites.create_invite, world.house, most_uses=100)
            world.invites[label] = invite.id
            world.code = world.code or code
        await self.let("OW", invites.revoke_invite, world.invites["revoked"])

    async def _keep_order(self, world: World) -> None:
        """Mute, let leave, decline and ban. Nobody knows any more what the banned asked with."""
        later = datetime.now(UTC) + timedelta(days=7)
        for person in ("mel", "mia"):
            reason = self.text(f"reason to mute {person}", MODERATORS)
            await self.let("OW", moderation.mute_member, world.house, self.users[person], later, reason)
        await self.let("NM", members.leave_house, world.house)
        again = await self._request(world, "NM", " once more")
        reason = self.text("reason to decline NM", MODERATORS)
        await self.let("MO", join_requests.decline_join_request, again, reason)
        await self._request(world, "asker")
        for person, end in (("BA", None), ("bo", later)):
            reason = self.text(f"reason to ban {person}", MODERATORS)
            await self.let("MO", moderation.ban_user, world.house, self.users[person], reason, end)
        del world.requests["BA"]
